"""From a URL and the settings to the adapter that joins."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from aiortc import MediaStreamTrack

from eyeline.bot.secret_source import SecretSource
from eyeline.bot.session import OpenMeeting
from eyeline.bot.zoom_meetings import zoom_opener
from eyeline.config.schema import Settings
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.door import AskPassword
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.jitsi.place import Place
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.url import JitsiUrl
from eyeline.integrations.meeting import Meeting
from eyeline.integrations.pauses import pauses_s
from eyeline.integrations.zoom.url import ZoomLink, looks_like_zoom

log = logging.getLogger(__name__)


def meeting_server(url: str) -> str:
    """Who vouches for who is in a meeting: `scheme://host[:port]`.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
    """
    if looks_like_zoom(url):
        return ZoomLink.parse(url).web_domain
    return JitsiUrl.parse(url).origin


def meeting_room(url: str) -> str:
    """The URL of a room, fit to be shown: without a token and without a passcode.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
    """
    if looks_like_zoom(url):
        return str(ZoomLink.parse(url))
    return str(replace(JitsiUrl.parse(url), token=""))


def rejoin_pauses(url: str) -> Callable[[], Iterator[float]]:
    """How long to wait before each try to come back to a lost meeting; Zoom may write to the host about each."""
    return partial(pauses_s, 1.0, often_for_s=0.0) if looks_like_zoom(url) else pauses_s


def meeting_opener(url: str, settings: Settings, ask_password: AskPassword | None = None) -> OpenMeeting:
    """Choose the adapter for a URL; every call of the result is a fresh membership.

    Args:
        url: Of the room; for a Zoom meeting also its invitation, or its number and passcode.
        settings: All of them.
        ask_password: Asks a person for a room's password where the settings name none.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
        UsageError: An account lacks its name or its password, or what Zoom needs is not there.
        LoginError: A token for Zoom is none, or has expired.
    """
    if looks_like_zoom(url):
        return zoom_opener(url, settings)
    room = JitsiUrl.parse(url)
    jitsi, meeting = settings.jitsi, settings.meeting
    if room.token:
        log.warning(
            "a token in the URL can be seen by others on this machine; EYELINE_JITSI__TOKEN keeps it to yourself"
        )
    overrides = DeploymentOverrides(
        domain=jitsi.domain,
        anonymous_domain=jitsi.anonymous_domain,
        muc=jitsi.muc,
        focus=jitsi.focus,
        websocket_url=jitsi.websocket,
        conference_request_url=jitsi.conference_request_url,
        bosh_url=jitsi.bosh,
    )
    account_password = jitsi.password.get_secret_value() if jitsi.password else ""
    account = Account.of(jitsi.username, account_password) if jitsi.username or account_password else None
    known = _KnownPassword(meeting.password.get_secret_value() if meeting.password else None, ask_password)
    place, tokens = Place(), SecretSource(jitsi.token, jitsi.token_file)

    def open_meeting(video: MediaStreamTrack, audio: MediaStreamTrack) -> Meeting:
        token = tokens.current()
        return JitsiMeeting(
            replace(room, token=token) if token else room,
            name=meeting.name,
            video=video,
            audio=audio,
            password=known.password,
            ask_password=known.ask if ask_password is not None else None,
            account=account,
            overrides=overrides,
            ca_file=jitsi.ca_file,
            insecure=jitsi.insecure,
            simulcast=_in_layers(settings.video.simulcast),
            relay_only=jitsi.relay_only,
            patience=Patience(people_limit_s=meeting.wait_min * 60),
            place=place,
        )

    return open_meeting


def _in_layers(simulcast: str) -> bool:
    return simulcast == "on" or (simulcast == "auto" and (os.cpu_count() or 1) > 1)


class _KnownPassword:
    """The room's password as it was given or last typed, so that coming back asks nobody again."""

    def __init__(self, password: str | None, ask: AskPassword | None) -> None:
        self.password = password
        self._ask = ask

    async def ask(self, why: str) -> str | None:
        """Ask the person, and remember the answer."""
        if self._ask is not None:
            self.password = await self._ask(why)
        return self.password
