from __future__ import annotations

from eyeline.bot.chat_telling import MAX_LINES, WINDOW_S, ChatTelling
from eyeline.bot.events import BotEvent, ChatSkipped
from eyeline.integrations.events import ChatReceived


class Lab:
    """A telling and its time."""

    def __init__(self) -> None:
        self.told: list[BotEvent] = []
        self.now_s = 100.0
        self.telling = ChatTelling(self.told.append, clock_s=lambda: self.now_s)

    def say(self, count: int) -> None:
        for number in range(count):
            self.telling.tell(ChatReceived("a", "Ada", f"line {number}"))

    @property
    def skipped(self) -> list[int]:
        return [event.count for event in self.told if isinstance(event, ChatSkipped)]


def test_a_talk_is_told_whole() -> None:
    lab = Lab()
    for _ in range(100):
        lab.say(MAX_LINES)
        lab.now_s += WINDOW_S
    assert len(lab.told) == 100 * MAX_LINES
    assert lab.skipped == []


def test_of_a_flood_a_part_is_told_and_how_much_was_left_out() -> None:
    lab = Lab()
    for _ in range(10):
        lab.say(1000)
        lab.now_s += WINDOW_S
    lab.say(1)
    assert lab.skipped == [1000 - MAX_LINES] * 10
    assert len(lab.told) == 10 * (MAX_LINES + 1) + 1
