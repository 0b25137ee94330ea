"""From a link to a Zoom meeting and the settings to the adapter that joins."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from aiortc import MediaStreamTrack

from eyeline.bot.session import OpenMeeting
from eyeline.bot.zoom_credentials import ZoomCredentialSource
from eyeline.config.schema import Settings
from eyeline.integrations.meeting import Meeting
from eyeline.integrations.zoom.join_tokens import JoinTokenSource
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.sdk import require_sdk
from eyeline.integrations.zoom.url import ZoomLink

log = logging.getLogger(__name__)


def zoom_opener(text: str, settings: Settings, *, bridge_command: Sequence[str] | None = None) -> OpenMeeting:
    """The adapter for a Zoom meeting; every call of the result is a fresh membership.

    Args:
        text: A link, an invitation, or a number with its passcode.
        settings: All of them.
        bridge_command: What to start instead of the real bridge to Zoom's SDK; for tests.

    Raises:
        MeetingUrlError: There is no meeting in the text, or more than one.
        ZoomUnavailableError: The SDK is not installed, or there is none for this system.
        ZoomCredentialsError: What the settings give cannot be what Zoom wants.
        LoginError: A token is none, or has expired.
    """
    link = ZoomLink.parse(text)
    if bridge_command is None:
        require_sdk()
    if link.passcode or link.token:
        log.warning("on a command line, others of this machine see a link's key; EYELINE_MEETING__PASSWORD hides it")
    zoom, meeting = settings.zoom, settings.meeting
    credentials = ZoomCredentialSource(zoom)
    given, now_s = credentials.current(), time.time()
    given.sdk_token(now_s)
    given.check(now_s)
    tokens = JoinTokenSource(credentials.current, link, api_url=zoom.api_url)
    passcode = meeting.password.get_secret_value() if meeting.password else ""

    def open_meeting(video: MediaStreamTrack, audio: MediaStreamTrack) -> Meeting:
        from eyeline.integrations.zoom.meeting import ZoomMeeting  # which other systems cannot even import

        return ZoomMeeting(
            link,
            name=meeting.name,
            tokens=tokens.next,
            video=video,
            audio=audio,
            passcode=passcode,
            advice=tuple(credentials.current().advice(time.time())),
            max_height_px=zoom.max_height_px,
            patience=Patience(people_limit_s=meeting.wait_min * 60),
            bridge_command=bridge_command,
        )

    return open_meeting
