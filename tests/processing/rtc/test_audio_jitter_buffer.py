"""Real Opus through a network with a clock of its own."""

from __future__ import annotations

import numpy as np
import pytest
from aiortc.rtp import RtpPacket
from numpy.typing import NDArray
from opus_lab import RATE_HZ, Arrival, Played, arrivals, encoded, played, rtp, speech, speech_packets

from eyeline.processing.rtc.audio_jitter_buffer import AudioJitterBuffer, ChunkKind
from eyeline.processing.rtc.opus import LibopusDecoder


def jitter_s(count: int, mean_s: float, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).exponential(mean_s, count)


def lost(count: int, share: float, seed: int = 3) -> list[int]:
    return [int(number) for number in np.flatnonzero(np.random.default_rng(seed).random(count) < share) if number > 5]


def steepest(sound: NDArray[np.int16]) -> int:
    return int(np.abs(np.diff(sound.astype(int))).max())


def is_steady(result: Played) -> bool:
    """Whether as much is played in a second as a second has."""
    lengths_s = np.array([len(chunk.samples) for chunk in result.chunks]) / RATE_HZ
    return np.allclose(np.diff(result.begins_s), lengths_s[:-1])


def test_nothing_is_lost() -> None:
    result = played(arrivals(speech_packets(20), delay_s=jitter_s(1000, 0.001)))
    assert result.count(ChunkKind.DECODED) >= 998
    assert result.stats.received == 1000
    assert result.stats.lost == result.stats.late == result.stats.duplicates == 0
    assert is_steady(result)
    shares = result.loudness(speech(20))
    assert shares[5:].min() > 0.5
    assert shares.max() < 1.5
    assert steepest(result.sound) < 1.2 * steepest(speech(20))


def test_a_quiet_network_costs_little() -> None:
    result = played(arrivals(speech_packets(20), delay_s=jitter_s(1000, 0.001)))
    assert np.median(result.delays_ms[500:]) < 12


@pytest.mark.parametrize("share", [0.02, 0.05])
def test_loss_is_concealed_with_little_delay(share: float) -> None:
    packets, gone = speech_packets(60), lost(3000, share)
    quiet = played(arrivals(packets, delay_s=jitter_s(3000, 0.002)))
    lossy = played(arrivals(packets, delay_s=jitter_s(3000, 0.002), lost=gone))
    assert lossy.stats.lost == len(gone)
    assert lossy.stats.recovered > 0.6 * lossy.stats.lost
    assert is_steady(lossy)
    shares = lossy.loudness(speech(60))[5:]
    assert shares.min() > 0.2
    assert np.percentile(shares, 1) > 0.4
    assert steepest(lossy.sound) < 1.5 * steepest(speech(60))
    added_ms = np.percentile(lossy.delays_ms[100:], 95) - np.percentile(quiet.delays_ms[100:], 95)
    assert added_ms <= 60


def test_the_delay_is_given_back_after_the_loss() -> None:
    packets = speech_packets(60)
    early = [number for number in lost(len(packets), 0.05) if number < 1000]
    result = played(arrivals(packets, delay_s=jitter_s(len(packets), 0.002), lost=early))
    before = np.median(played(arrivals(packets[:500], delay_s=jitter_s(500, 0.002))).delays_ms[200:])
    assert np.median(result.delays_ms[700:1000]) > before + 15
    assert np.median(result.delays_ms[-500:]) < before + 5


def test_one_lost_packet_delays_nothing_for_good() -> None:
    result = played(arrivals(speech_packets(60), delay_s=0.001, lost=[500]))
    assert np.max(result.delays_ms) < 60
    assert abs(np.median(result.delays_ms[-200:]) - np.median(result.delays_ms[300:480])) < 3


@pytest.mark.parametrize("length", [2, 5, 20])
def test_a_burst_fades_out_and_comes_back_in_time(length: int) -> None:
    result = played(arrivals(speech_packets(20), delay_s=0.001, lost=range(200, 200 + length)))
    assert result.stats.lost == length
    assert abs(result.delays_ms[300 + length] - result.delays_ms[180]) < 25
    assert (result.count(ChunkKind.SILENT) > 0) is (length == 20)
    silent = [chunk for chunk in result.chunks if chunk.kind is ChunkKind.SILENT]
    assert not any(chunk.samples.any() for chunk in silent)
    assert is_steady(result)
    assert steepest(result.sound) < 1.5 * steepest(speech(20))


def test_reordering_within_the_delay_is_not_heard() -> None:
    delay_s = np.full(1000, 0.001)
    delay_s[::7] += 0.03
    result = played(arrivals(speech_packets(20), delay_s=delay_s))
    assert result.count(ChunkKind.DECODED) >= 990
    assert result.loudness(speech(20))[200:].min() > 0.5


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_who_takes_sound_ahead_of_its_time_hears_the_same(share: float) -> None:
    """It comes sooner, and nothing else about it is different."""
    packets = speech_packets(20)[:500]
    coming = arrivals(packets, lost=lost(500, share), delay_s=jitter_s(500, 0.008))
    timed, ahead = played(coming), played(coming, ahead_s=0.15)
    assert np.median(timed.begins_s[100:400]) - np.median(ahead.begins_s[100:400]) > 0.005
    assert ahead.stats.lost == timed.stats.lost
    assert ahead.stats.late == timed.stats.late
    assert ahead.stats.concealed_ms <= timed.stats.concealed_ms + 40
    assert 0 <= len(ahead.sound) - len(timed.sound) <= 5 * 960  # what is held at the end


def test_duplicates_are_dropped() -> None:
    coming = arrivals(speech_packets(20)[:250], delay_s=0.001)
    again = [Arrival(one.at_s + 0.002, one.packet) for one in coming]
    result = played([*coming, *again])
    assert result.stats.duplicates + result.stats.late == 250
    assert result.count(ChunkKind.DECODED) >= 249
    assert is_steady(result)


def test_a_step_of_the_network_delay_is_followed_up_and_down() -> None:
    delay_s = np.full(3000, 0.001)
    delay_s[1000:2000] = 0.08
    result = played(arrivals(speech_packets(60), delay_s=delay_s))
    later = result.delay_of_ms()
    assert later[900] < 25
    assert 80 < later[1500] < 110
    assert later[-100] < 35
    assert result.count(ChunkKind.DECODED) > 2980


def test_a_stalled_sender_is_silence_and_leaves_no_delay() -> None:
    """What was held up comes at once, and most of it is left out."""
    delay_s = np.full(3000, 0.001)
    delay_s[500:530] = 0.6 - np.arange(30) * 0.02
    result = played(arrivals(speech_packets(60), delay_s=delay_s))
    later = result.delay_of_ms()
    assert later.max() < 160
    assert np.median(later[-200:]) < 25
    assert is_steady(result)


def test_a_sender_that_pauses_for_long_starts_afresh() -> None:
    coming = arrivals(speech_packets(20)[:200], delay_s=0.001)
    result = played(
        [Arrival(one.at_s + (5.0 if number >= 100 else 0), one.packet) for number, one in enumerate(coming)]
    )
    assert 3 < np.diff(result.begins_s).max() < 5
    assert result.count(ChunkKind.DECODED) >= 199


def test_another_source_starts_afresh() -> None:
    packets = speech_packets(20)[:100]
    second = [Arrival(102 + n * 0.02, rtp(payload, n, ssrc=7, shift=123_456_789)) for n, payload in enumerate(packets)]
    result = played([*arrivals(packets, delay_s=0.001), *second])
    assert result.count(ChunkKind.DECODED) >= 195
    assert result.stats.late == 0


def test_a_jump_of_the_timestamps_is_followed() -> None:
    packets = speech_packets(20)[:500]
    shifts = [0 if number < 200 else 10**8 for number in range(500)]
    result = played([Arrival(100 + n * 0.02, rtp(packets[n], n, shift=shifts[n])) for n in range(500)])
    assert result.count(ChunkKind.DECODED) > 450
    assert {chunk.kind for chunk in result.chunks[-100:]} == {ChunkKind.DECODED}


@pytest.mark.parametrize("rate", [0.9995, 1.0005])
def test_a_clock_that_runs_differently(rate: float) -> None:
    result = played(arrivals(speech_packets(60), delay_s=jitter_s(3000, 0.001), rate=rate))
    assert result.stats.concealed_ms < 300
    assert np.percentile(result.delays_ms[300:], 95) < 20
    assert steepest(result.sound) < 1.2 * steepest(speech(60))


@pytest.mark.parametrize("packet_ms", [10, 20, 40, 60])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("channels", [1, 2])
def test_all_lengths_and_channels(packet_ms: int, layout: str, channels: int) -> None:
    packets = encoded(speech(6), layout=layout, packet_ms=packet_ms)
    coming = arrivals(packets, packet_ms=packet_ms, delay_s=0.001, lost=[len(packets) // 2])
    result = played(coming, channels=channels)
    assert {chunk.samples.shape[1] for chunk in result.chunks} == {channels}
    assert result.stats.lost == 1
    assert is_steady(result)
    assert result.loudness(speech(6))[10:].min() > 0.2


def test_a_sender_that_sends_nothing_in_pauses() -> None:
    """DTX: one byte every 400 ms while nobody speaks, which is no loss and does not end the stream."""
    packets = speech_packets(20)
    numbers = [number for number in range(600) if not 200 <= number < 400 or number % 20 == 0]
    coming = []
    for place, number in enumerate(numbers):
        payload = packets[number][:1] if 200 <= number < 400 else packets[number]
        packet = RtpPacket(
            payload_type=96, sequence_number=place, timestamp=number * 960, ssrc=1, payload=payload, marker=0
        )
        coming.append(Arrival(100 + number * 0.02, packet))
    result = played(coming)
    assert result.stats.lost == 0
    assert is_steady(result)
    assert result.delays_ms.max() < 60
    assert result.count(ChunkKind.DECODED) >= len(numbers) - 2


@pytest.mark.parametrize("payload", [b"", b"\x03", b"\xff\xff\xff", bytes(range(200))])
def test_what_is_no_opus_is_survived(payload: bytes) -> None:
    coming = arrivals(speech_packets(20)[:150], delay_s=0.001)
    coming[60] = Arrival(coming[60].at_s, rtp(payload, 60))
    result = played(coming)
    assert result.count(ChunkKind.DECODED) >= 145
    assert result.loudness(speech(20))[70:].min() > 0.4


def test_an_owner_that_was_held_up_goes_on_where_the_clock_is() -> None:
    with LibopusDecoder(1) as decoder:
        buffer = AudioJitterBuffer(decoder)
        for one in arrivals(speech_packets(20)[:200], delay_s=0.001):
            buffer.add(one.packet, one.at_s)
            while (due_s := buffer.due_s) is not None and due_s <= one.at_s and not 101 < one.at_s < 102.5:
                buffer.pull(one.at_s)
        assert buffer.stats.delay_ms < 60


def test_memory_is_bounded() -> None:
    with LibopusDecoder(1) as decoder:
        buffer = AudioJitterBuffer(decoder)
        for number in range(5000):
            buffer.add(rtp(speech_packets(20)[0], number), 100 + number * 1e-5)
        assert len(buffer._packets) <= 100
