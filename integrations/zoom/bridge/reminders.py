"""The notices that a meeting shows before and while one is in it, of recording for example."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.zoom.bridge.chat import MAX_NAME_CHARS, MAX_TEXT_CHARS
from eyeline.integrations.zoom.bridge.hold import Held, SdkObject
from eyeline.integrations.zoom.bridge.messages import DisclaimerAccepted, Event


def accept_reminders(sdk: Held, meeting: SdkObject, say: Callable[[Event], None]) -> None:
    """Accept each notice in the person's name, and tell what it said: some stand before the meeting until then.

    Args:
        sdk: The SDK.
        meeting: Its `IMeetingService`.
        say: Tells the meeting process.
    """
    controller = sdk.get(meeting, "GetMeetingReminderController")
    if controller is None:
        return

    def on_reminder(content: SdkObject, handler: SdkObject) -> None:
        if content is None or handler is None:
            return
        title = sdk.text(content, "GetTitle", MAX_NAME_CHARS)
        text = sdk.text(content, "GetContent", MAX_TEXT_CHARS)
        sdk.do(handler, "Accept")
        say(DisclaimerAccepted(title, text))

    events = sdk.callbacks("MeetingReminderEventCallbacks", onReminderNotifyCallback=on_reminder)
    sdk.do(controller, "SetEvent", events)
