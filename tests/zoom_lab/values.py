"""What is plain data in the double of Zoom's SDK: enums, parameters, sizes, rights."""

from __future__ import annotations

from typing import Any

from zoom_lab.strict import enums, strict

ENUMS = enums()
SDKError = ENUMS["SDKError"]
SUCCESS = SDKError["SDKERR_SUCCESS"]


@strict
class InitParam:
    """Plain data."""


@strict
class AuthContext:
    """Plain data."""


@strict
class JoinParam4WithoutLogin:
    """Plain data."""


@strict
class JoinParam:
    """Plain data; `param` is a live reference."""

    def __init__(self) -> None:
        self.param = JoinParam4WithoutLogin()


@strict
class VideoSourceCapability:
    """Plain data."""


@strict
class NormalMeetingChatStatus:
    """Plain data."""


@strict
class WebinarAttendeeChatStatus:
    """Plain data."""


@strict
class WebinarOtherUserRoleChatStatus:
    """Plain data."""


@strict
class ChatStatus:
    """Plain data."""


def capability(width: int, height: int, frame: int) -> Any:
    """A size that Zoom takes."""
    made = VideoSourceCapability()
    made.width, made.height, made.frame = width, height, frame
    return made


def chat_status(
    *, off: bool = False, can_chat: bool = True, to_all: bool = True, privately: bool = True, only_host: bool = False
) -> Any:
    """What one may say in a plain meeting."""
    made, normal = ChatStatus(), NormalMeetingChatStatus()
    normal.can_chat, normal.can_chat_to_all = can_chat, to_all
    normal.can_chat_to_individual, normal.is_only_can_chat_to_host = privately, only_host
    made.is_chat_off, made.is_webinar_attendee, made.is_webinar_meeting = off, False, False
    made.normal_meeting_status = normal
    made.webinar_attendee_status = WebinarAttendeeChatStatus()
    made.webinar_other_status = WebinarOtherUserRoleChatStatus()
    return made
