"""The player in a real event loop."""

from __future__ import annotations

import asyncio
import time

import av
import numpy as np
from opus_lab import FIRST_TIMESTAMP, rtp, speech_packets

from eyeline.processing.rtc.audio_receiver import AudioReceiver


class SenderClock:
    """Everything was captured when it was sent, 30 ms before it came."""

    def __init__(self) -> None:
        self.begin_s = time.monotonic() - 0.03

    def captured_at_s(self, rtp_timestamp: int) -> float:
        return self.begin_s + (rtp_timestamp - FIRST_TIMESTAMP) % 2**32 / 48_000


Heard = list[tuple[float, av.AudioFrame]]


async def received(
    packets: dict[int, bytes], *, channels: int = 2, wait_s: float = 0.2, clock: SenderClock | None = None
) -> Heard:
    frames: Heard = []
    clock = clock or SenderClock()
    receiver = AudioReceiver(clock, lambda frame: frames.append((time.monotonic(), frame)), channels=channels)
    for number, payload in packets.items():
        await asyncio.sleep(max(0.0, clock.begin_s + 0.03 + number * 0.02 - time.monotonic()))
        receiver.add(rtp(payload, number), time.monotonic())
    await asyncio.sleep(wait_s)
    receiver.close()
    count = len(frames)
    receiver.add(rtp(packets[0], 1000), time.monotonic())
    await asyncio.sleep(0.1)
    assert len(frames) == count
    return frames


async def test_frames_carry_their_capture_time_and_keep_pace() -> None:
    packets = {number: packet for number, packet in enumerate(speech_packets(20)[:60]) if number != 30}
    clock = SenderClock()
    frames = await received(packets, clock=clock)
    assert {frame.format.name for _, frame in frames} == {"s16"}
    assert {frame.layout.name for _, frame in frames} == {"stereo"}
    assert {frame.sample_rate for _, frame in frames} == {48_000}
    times_s = np.array([frame.time for _, frame in frames])
    assert abs(times_s[0] - (clock.begin_s - 0.0065)) < 0.0001  # what an encoder's look-ahead adds is known
    ages_s = np.array([at_s for at_s, _ in frames]) - times_s
    assert np.median(ages_s) > 0.03
    assert np.median(ages_s) < 1
    assert np.diff(times_s).min() > -0.021
    assert sum(frame.samples for _, frame in frames) > 58 * 960


async def test_mono() -> None:
    frames = await received(dict(enumerate(speech_packets(20)[:10])), channels=1)
    assert {frame.layout.name for _, frame in frames} == {"mono"}
    assert {frame.to_ndarray().shape[0] for _, frame in frames} == {1}


async def test_a_sender_that_falls_silent_costs_nothing() -> None:
    frames = await received(dict(enumerate(speech_packets(20)[:10])), wait_s=1.6)
    last_s = frames[-1][0]
    assert last_s - frames[0][0] < 1.6
    assert not frames[-1][1].to_ndarray().any()


def timers() -> int:
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return sum(not each.cancelled() for each in scheduled)


async def test_sound_comes_with_its_packet_to_who_goes_by_its_time() -> None:
    frames: list[av.AudioFrame] = []
    clock = SenderClock()
    receiver = AudioReceiver(clock, frames.append, channels=1, ahead_s=10.0)
    packets = dict(enumerate(speech_packets(20)[:20]))
    for number in packets:
        receiver.add(rtp(packets[number], number), clock.begin_s + 0.03 + number * 0.02)
        assert len(frames) == number + 1  # though nothing of it was due, and no timer ran
    assert sum(frame.samples for frame in frames) == 20 * 960
    assert np.diff([frame.time for frame in frames]).min() > 0.019
    assert timers() == 1  # for what comes next, in case that it is missing
    receiver.close()
    assert timers() == 0


async def test_what_is_missing_is_still_waited_for_and_made_up() -> None:
    frames: list[av.AudioFrame] = []
    clock = SenderClock()
    receiver = AudioReceiver(clock, frames.append, channels=1, ahead_s=10.0)
    packets = speech_packets(20)
    for number in (0, 1, 2, 3, 5):
        receiver.add(rtp(packets[number], number), time.monotonic())
    assert len(frames) == 4
    async with asyncio.timeout(10):
        while len(frames) < 6:  # noqa: ASYNC110 (frames come by a timer)
            await asyncio.sleep(0.01)
    receiver.close()
    times_s = [frame.time for frame in frames]
    assert times_s == sorted(times_s)


async def test_who_plays_sound_as_it_comes_has_it_at_its_pace() -> None:
    """Packets that come all at once, out of a jam, are not delivered all at once."""
    frames: list[av.AudioFrame] = []
    receiver = AudioReceiver(SenderClock(), frames.append)
    for number, payload in enumerate(speech_packets(20)[:5]):
        receiver.add(rtp(payload, number), time.monotonic())
    assert not frames
    receiver.close()
