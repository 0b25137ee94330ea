"""Breakout rooms: we go where the host sends us."""

from __future__ import annotations

from eyeline.integrations.zoom.bridge.hold import Held, SdkObject
from eyeline.integrations.zoom.bridge.loop import Loop

_STARTED = "BO_STATUS_STARTED"


class Breakout:
    """Follows the host into a breakout room, and back. What comes of it is told by the meeting's status.

    Args:
        sdk: The SDK.
        loop: Rooms are changed after the callback that says so.
    """

    def __init__(self, sdk: Held, loop: Loop) -> None:
        self._sdk = sdk
        self._loop = loop
        self._controller: SdkObject | None = None
        self._attendee: SdkObject | None = None
        self._going = False

    def enter(self, meeting: SdkObject) -> None:
        """Listen in the meeting that has begun."""
        self._attendee = None
        self._going = False
        self._controller = self._sdk.get(meeting, "GetMeetingBOController")
        if self._controller is None:
            return
        events = self._sdk.callbacks(
            "MeetingBOEventCallbacks",
            onHasAttendeeRightsNotificationCallback=self._may_go,
            onLostAttendeeRightsNotificationCallback=self._may_not_go,
            onBOStatusChangedCallback=self._status_changed,
            onHostInviteReturnToMainSessionCallback=self._invited_back,
        )
        self._sdk.get(self._controller, "SetEvent", events)

    def _may_go(self, attendee: SdkObject) -> None:
        self._attendee = self._sdk.keep(attendee)
        self._loop.after(0, self._sdk.safe("JoinBo", self._go))

    def _may_not_go(self) -> None:
        self._attendee = None
        self._going = False

    def _status_changed(self, status: SdkObject) -> None:
        if status.name == _STARTED:
            self._loop.after(0, self._sdk.safe("JoinBo", self._go))

    def _go(self) -> None:
        """Refused by the SDK where the rooms are not open yet; then their status says when they are."""
        if self._going or self._attendee is None or self._sdk.get(self._controller, "IsInBOMeeting"):
            return
        self._going = self._sdk.get(self._attendee, "JoinBo")

    def _invited_back(self, _name: str, handler: SdkObject) -> None:
        kept = self._sdk.keep(handler)
        self._loop.after(0, self._sdk.safe("ReturnToMainSession", lambda: self._return(kept)))

    def _return(self, handler: SdkObject) -> None:
        self._sdk.get(handler, "ReturnToMainSession")
