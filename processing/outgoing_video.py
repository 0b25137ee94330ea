"""What others see, failing closed.

`OutgoingVideo` is the one door out. It lives as long as the program shows a camera and outlives every connection.
It shows the newest processed picture; when none comes, it keeps the last one for at most `STALL_MS`; then it shows
the still card. There is no way to hand it a raw frame: `show` takes a `ProcessedFrame`, and only `Picture` makes one.
`hide` shows the card at once, whatever comes, until `unhide`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from eyeline.processing.card import StillCard
from eyeline.processing.frame import I420Image, ProcessedFrame

STALL_MS = 500
CARD_INTERVAL_MS = 200
FIRST_CARDS = 5
FIRST_CARDS_INTERVAL_MS = 40


class VideoState(Enum):
    """What is on air."""

    CARD = "card"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture to send.

    Args:
        number: Grows by one with each picture that is due, so that a reader knows what it has had.
        image: The processed picture, or `None` for the card.
        at_s: Its time on the monotonic clock: the capture time, or now for the card.
    """

    number: int
    image: I420Image | None
    at_s: float


class OutgoingVideo:
    """The door out. Made and read in one event loop; `show` may be called from any thread.

    Args:
        card: What to show when there is nothing to show.
        size_px: Width and height of the card until the first picture sets the size.
        on_state: Called in the event loop whenever the state changes.
    """

    def __init__(
        self,
        card: StillCard,
        *,
        size_px: tuple[int, int],
        on_state: Callable[[VideoState], None] = lambda _: None,
    ) -> None:
        self._card = card
        self._card_size_px = size_px
        self._on_state = on_state
        self._loop = asyncio.get_running_loop()
        self._state = VideoState.CARD
        self._shown = Shown(1, None, time.monotonic())
        self._readers: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()
        self._arrived: tuple[ProcessedFrame, float] | None = None
        self._wake_pending = False
        self._closed = False
        self._hidden = False
        self._quick_cards = 0
        self._repeat_card()

    @property
    def state(self) -> VideoState:
        """What is on air now."""
        return self._state

    @property
    def number(self) -> int:
        """Number of the newest picture, as in `Shown`."""
        return self._shown.number

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of what is on air, before any limit of a reader."""
        return self._card_size_px

    @property
    def hidden(self) -> bool:
        """Whether the card is shown because somebody wants it."""
        return self._hidden

    def hide(self) -> None:
        """Show the card from now on, whatever is handed in."""
        if self._hidden or self._closed:
            return
        with self._lock:
            self._hidden = True
            self._arrived = None
        self._stall()

    def unhide(self) -> None:
        """Show pictures again; the card stays until a new one comes."""
        with self._lock:
            self._hidden = False

    def show(self, frame: ProcessedFrame) -> None:
        """Put a processed picture on air; the newest wins.

        Raises:
            TypeError: Anything but a `ProcessedFrame` was given.
        """
        if type(frame) is not ProcessedFrame:
            raise TypeError(f"only a ProcessedFrame may leave, not {type(frame).__name__}")
        with self._lock:
            if self._closed or self._hidden:
                return
            self._arrived = (frame, time.monotonic())
            if self._wake_pending:
                return
            self._wake_pending = True
            self._loop.call_soon_threadsafe(self._take_arrived)

    def forget(self) -> None:
        """Show nobody else what is on air: whoever has not had it gets the card, until the next picture.

        For when what was made before must not be seen any more, although it was right when it was made.
        """
        self._shown = Shown(self._shown.number, None, self._shown.at_s)

    def card_image(self) -> I420Image:
        """The card at the size of what was last on air. Takes milliseconds: not for the event loop."""
        return self._card.image(*self._card_size_px)

    async def next_after(self, after: int) -> Shown:
        """Wait for a picture with a number above `after`."""
        while self._shown.number <= after:
            reader = self._loop.create_future()
            self._readers.add(reader)
            try:
                await reader
            finally:
                self._readers.discard(reader)
        return self._shown

    def close(self) -> None:
        """Stop the timers. Readers that wait are cancelled."""
        with self._lock:
            self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for reader in list(self._readers):
            reader.cancel()

    def _take_arrived(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, None
            self._wake_pending = False
        if arrived is None or self._closed:
            return
        frame, arrived_at_s = arrived
        if time.monotonic() - arrived_at_s > STALL_MS / 1000:
            return  # the event loop itself had stalled: the card is due, not an old picture
        self._card_size_px = frame.image.size
        self._restart_timer(STALL_MS, self._stall)
        self._put(frame.image, frame.captured_at_s)
        self._enter(VideoState.LIVE)

    def _stall(self) -> None:
        self._enter(VideoState.CARD)
        self._quick_cards = FIRST_CARDS
        self._repeat_card()

    def _repeat_card(self) -> None:
        """The first ones come quickly, so that a lost packet does not leave the picture before on a screen."""
        self._quick_cards = max(0, self._quick_cards - 1)
        self._restart_timer(FIRST_CARDS_INTERVAL_MS if self._quick_cards else CARD_INTERVAL_MS, self._repeat_card)
        self._put(None, time.monotonic())

    def _restart_timer(self, delay_ms: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_ms / 1000, action)

    def _put(self, image: I420Image | None, at_s: float) -> None:
        self._shown = Shown(self._shown.number + 1, image, at_s)
        for reader in self._readers:
            if not reader.done():
                reader.set_result(None)

    def _enter(self, state: VideoState) -> None:
        if state is not self._state:
            self._state = state
            self._on_state(state)
