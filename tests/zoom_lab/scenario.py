"""What happens at Zoom's end, as plain data.

A scenario is what JSON can hold::

    {
        "init": "SDKERR_SUCCESS",            # the answer to InitSDK
        "auth": "AUTHRET_SUCCESS",           # the answer to a JWT of the right shape
        "passcode": "1234",                  # any other one hangs in CONNECTING, as at Zoom
        "own_id": 16778240,
        "authorized_user": 5,                # whose on-behalf token it was
        "people": [{"user_id": 5, "name": "Grace", "host": True}],
        "size": [640, 360, 25],              # what Zoom suggests
        "refused_frames": 1,                 # of the first ones
        "unmute_video": "SDKERR_SUCCESS",    # the answer to UnmuteVideo
        "send_chat": "SDKERR_SUCCESS",       # the answer to SendChatMsgTo
        "early_reminders": False,            # whether notices come before one is in
        "refuse_once": ["JoinVoip"],         # calls that fail the first time
        "hang_in": "Leave",                  # a call that never comes back
        "script": [STEP, ...],               # after Join
    }

A step is `{"do": NAME, "after_ms": 0, ...}`; `zoom_lab.steps` has them all. Without a script one is in the meeting at
once. A test that steers while the bridge runs opens a `zoom_lab.stage.Stage`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

IN_AT_ONCE: tuple[dict[str, Any], ...] = (
    {"do": "status", "name": "CONNECTING"},
    {"do": "status", "name": "INMEETING", "after_ms": 10},
)


@dataclass
class Scenario:
    """See the module."""

    init: str = "SDKERR_SUCCESS"
    auth: str = "AUTHRET_SUCCESS"
    auth_after_ms: int = 10
    join: str = "SDKERR_SUCCESS"
    passcode: str | None = None
    own_id: int = 16778240
    authorized_user: int = 0
    people: list[dict[str, Any]] = field(default_factory=list)
    size: tuple[int, int, int] = (640, 360, 25)
    refused_frames: int = 1
    unmute_video: str = "SDKERR_SUCCESS"
    send_chat: str = "SDKERR_SUCCESS"
    early_reminders: bool = False
    refuse_once: list[str] = field(default_factory=list)
    hang_in: str = ""
    script: list[dict[str, Any]] = field(default_factory=lambda: list(IN_AT_ONCE))

    @classmethod
    def of(cls, given: dict[str, Any]) -> Scenario:
        """From JSON; an unknown key is an error."""
        unknown = given.keys() - {one.name for one in fields(cls)}
        if unknown:
            raise ValueError(f"unknown in a scenario: {unknown}")
        return cls(**given)
