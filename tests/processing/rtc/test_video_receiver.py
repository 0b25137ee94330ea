"""One received stream, from packets of real encoders to decoded pictures, with what the sender is told meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from aiortc.rtp import RtpPacket
from counted_pictures import read_number
from rtp_lab import FRAME_TICKS, VP8, packets

from eyeline.processing.rtc.sender_clock import SenderClock, StreamClock
from eyeline.processing.rtc.video_receiver import Feedback, VideoReceiver

FRAME_S = 1 / 30
PATIENCE_S = 60.0


class Reception:
    """A receiver with what it delivers and tells."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.times: list[float] = []
        self.told: list[Feedback] = []
        self.receiver = VideoReceiver(StreamClock(SenderClock(), 90_000), self._take)

    def _take(self, frame: object) -> None:
        self.numbers.append(read_number(frame))  # type: ignore[arg-type]
        self.times.append(frame.time)  # type: ignore[attr-defined]

    async def put(self, frame: list[RtpPacket], now_s: float) -> None:
        """Give packets, and let the decoder keep up."""
        for packet in frame:
            self._note(self.receiver.add(packet, VP8, now_s))
        async with asyncio.timeout(PATIENCE_S):
            while (counts := self.receiver.statistics).decoded + counts.decoder_errors < counts.pictures:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def wait(self, now_s: float) -> None:
        self._note(self.receiver.service(now_s))

    def _note(self, feedback: Feedback | None) -> None:
        if feedback is not None:
            self.told.append(feedback)

    async def seen(self, numbers: list[int]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.numbers) < len(numbers):  # noqa: ASYNC110 (the decoder's thread delivers)
                await asyncio.sleep(0.005)
        assert self.numbers == numbers


@pytest.fixture
async def reception() -> AsyncIterator[Reception]:
    reception = Reception()
    yield reception
    reception.receiver.close()


async def test_pictures_are_shown_with_the_time_of_their_capture(reception: Reception) -> None:
    for number, frame in enumerate(packets(VP8, 20)):
        await reception.put(frame, 50.0 + number * FRAME_S)
    await reception.seen(list(range(20)))
    assert reception.told == []
    assert reception.times == pytest.approx([50.0 + number * FRAME_S for number in range(20)], abs=0.001)


@pytest.mark.parametrize("first", [65530, 65000])
async def test_numbers_and_timestamps_may_wrap_around(reception: Reception, first: int) -> None:
    frames = packets(VP8, 20, sequence=first, timestamp=(1 << 32) - 5 * FRAME_TICKS)
    chance = random.Random(3)
    for number, frame in enumerate(frames):
        chance.shuffle(frame)
        await reception.put(frame, number * FRAME_S)
    await reception.seen(list(range(20)))


async def test_a_lost_packet_is_asked_for_and_its_answer_mends_the_picture(reception: Reception) -> None:
    frames = packets(VP8, 20, sequence=65530)
    lost = frames[5].pop(2)
    for number, frame in enumerate(frames[:8]):
        await reception.put(frame, number * FRAME_S)
    assert [feedback.lost for feedback in reception.told] == [[lost.sequence_number]]
    assert reception.receiver.waits
    await reception.put([lost], 8 * FRAME_S)
    assert not reception.receiver.waits
    await reception.seen(list(range(8)))


async def test_a_hole_that_stays_costs_a_keyframe_and_no_broken_picture(reception: Reception) -> None:
    frames = packets(VP8, 20, keyframes=(15,))
    del frames[5][2]
    for number, frame in enumerate(frames):
        await reception.put(frame, number * FRAME_S)
        reception.wait(number * FRAME_S)
    keyframes = [feedback for feedback in reception.told if feedback.keyframe]
    assert 1 <= len(keyframes) <= 2
    assert all(feedback.ssrc == 0xABCD for feedback in keyframes)
    assert sum(len(feedback.lost) for feedback in reception.told) <= 4
    await reception.seen([*range(5), *range(15, 20)])
    assert reception.receiver.statistics.skips == 1


async def test_whoever_comes_in_the_middle_asks_for_a_keyframe_now_and_then(reception: Reception) -> None:
    frames = packets(VP8, 40)
    for number in range(5, 40):
        await reception.put(frames[number], number * FRAME_S)
    assert [feedback.keyframe for feedback in reception.told] == [True, True, True]
    assert reception.numbers == []


async def test_another_ssrc_is_another_stream(reception: Reception) -> None:
    first, second = packets(VP8, 5), packets(VP8, 5, sequence=40_000, timestamp=77, ssrc=9)
    for number, frame in enumerate(first):
        await reception.put(frame, number * FRAME_S)
    for number, frame in enumerate(second):
        await reception.put(frame, (5 + number) * FRAME_S)
        await reception.put([first[4][0]], (5 + number) * FRAME_S)  # somebody's last packets, late
    await reception.seen([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    assert reception.receiver.ssrc == 9
    assert reception.times == sorted(reception.times)


async def test_a_sender_that_begins_anew_is_followed(reception: Reception) -> None:
    for number, frame in enumerate(packets(VP8, 5, sequence=100)):
        await reception.put(frame, number * FRAME_S)
    again = packets(VP8, 5, sequence=30_000, timestamp=4_000_000_000)
    for number, frame in enumerate(again):
        await reception.put(frame, (5 + number) * FRAME_S)
    # the first packet alone may be an accident, so that its picture is lost
    assert any(feedback.keyframe for feedback in reception.told)
    await reception.seen([0, 1, 2, 3, 4])
    assert reception.receiver.statistics.pictures == 5


async def test_one_stray_packet_is_an_accident(reception: Reception) -> None:
    frames = packets(VP8, 10)
    stray = packets(VP8, 1, sequence=30_000, timestamp=1)[0][0]
    for number, frame in enumerate(frames):
        await reception.put(frame, number * FRAME_S)
        if number == 4:
            await reception.put([stray], number * FRAME_S)
    await reception.seen(list(range(10)))
    assert reception.told == []


async def test_a_payload_that_cannot_be_read_does_no_harm(reception: Reception) -> None:
    frames = packets(VP8, 10, keyframes=(5,))
    frames[2][0].payload = b"\x80"
    for number, frame in enumerate(frames):
        await reception.put(frame, number * FRAME_S)
    async with asyncio.timeout(PATIENCE_S):
        while 9 not in reception.numbers:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert reception.numbers[:2] == [0, 1]
    assert reception.numbers[-5:] == [5, 6, 7, 8, 9]


async def test_a_busy_event_loop_gives_up_nothing(reception: Reception) -> None:
    frames = packets(VP8, 20)
    lost = frames[5].pop(2)
    for number in range(8):
        await reception.put(frames[number], number * FRAME_S)
    reception.receiver.stalled(1.0)
    reception.wait(1.0 + 8 * FRAME_S)
    await reception.put([lost], 1.0 + 8 * FRAME_S)
    await reception.seen(list(range(8)))
    assert not any(feedback.keyframe for feedback in reception.told)
