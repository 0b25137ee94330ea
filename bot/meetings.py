"""From a URL and the settings to the adapter that joins."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

from aiortc import MediaStreamTrack

from eyeline.bot.session import OpenMeeting
from eyeline.config.schema import Settings
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.url import JitsiUrl
from eyeline.integrations.meeting import Meeting

log = logging.getLogger(__name__)


def meeting_server(url: str) -> str:
    """Who vouches for who is in a meeting: `scheme://host[:port]`.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
    """
    return JitsiUrl.parse(url).origin


def meeting_room(url: str) -> str:
    """The URL of a room, fit to be shown: without a token.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
    """
    return str(replace(JitsiUrl.parse(url), token=""))


def meeting_opener(url: str, settings: Settings) -> OpenMeeting:
    """Choose the adapter for a URL; every call of the result is a fresh membership.

    Raises:
        MeetingUrlError: The text is not the URL of a room.
    """
    room = JitsiUrl.parse(url)
    jitsi, meeting = settings.jitsi, settings.meeting
    if room.token:
        log.warning(
            "a token in the URL can be seen by others on this machine; EYELINE_JITSI__TOKEN keeps it to yourself"
        )
    if jitsi.token is not None:
        room = replace(room, token=jitsi.token.get_secret_value())
    overrides = DeploymentOverrides(
        domain=jitsi.domain,
        muc=jitsi.muc,
        focus=jitsi.focus,
        websocket_url=jitsi.websocket,
        conference_request_url=jitsi.conference_request_url,
    )
    password = meeting.password.get_secret_value() if meeting.password else None

    def open_meeting(video: MediaStreamTrack, audio: MediaStreamTrack) -> Meeting:
        return JitsiMeeting(
            room,
            name=meeting.name,
            video=video,
            audio=audio,
            password=password,
            overrides=overrides,
            ca_file=jitsi.ca_file,
            simulcast=_in_layers(settings.video.simulcast),
        )

    return open_meeting


def _in_layers(simulcast: str) -> bool:
    return simulcast == "on" or (simulcast == "auto" and (os.cpu_count() or 1) > 1)
