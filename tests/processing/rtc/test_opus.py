from __future__ import annotations

import ctypes
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from opus_lab import encoded, speech, speech_packets

from eyeline.processing.rtc.opus import LibavOpusDecoder, LibopusDecoder, OpusError, load_libopus, open_opus_decoder
from eyeline.processing.rtc.opus_packet import OpusMode, packet_info


def rms(sound: NDArray[np.int16]) -> float:
    return float(np.sqrt((sound.astype(float) ** 2).mean()))


def likeness(found: NDArray[np.int16], wanted: NDArray[np.int16]) -> float:
    return float(np.corrcoef(found[:, 0], wanted[:, 0])[0, 1])


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("packet_ms", [10, 20, 40, 60])
@pytest.mark.parametrize("bit_rate_bps", [12_000, 24_000, 40_000, 64_000, 96_000])
@pytest.mark.parametrize("fec", [False, True])
def test_what_a_packet_says_of_itself(layout: str, packet_ms: int, bit_rate_bps: int, fec: bool) -> None:
    library = load_libopus()
    for packet in encoded(speech(3), layout=layout, packet_ms=packet_ms, bit_rate_bps=bit_rate_bps, fec=fec):
        info = packet_info(packet)
        assert info.samples == packet_ms * 48
        assert info.samples == library.opus_packet_get_nb_samples(packet, len(packet), 48_000)
        assert info.channels == library.opus_packet_get_nb_channels(packet)
        if hasattr(library, "opus_packet_has_lbrr"):  # libopus 1.5
            assert info.has_fec == bool(library.opus_packet_has_lbrr(packet, len(packet)))


def test_a_browsers_packets_hold_a_copy_where_somebody_speaks() -> None:
    infos = [packet_info(packet) for packet in speech_packets(20)]
    assert {info.mode for info in infos} == {OpusMode.HYBRID}
    assert np.mean([info.has_fec for info in infos]) > 0.6


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\xff\x00", b"\x1b\x3f"])
def test_what_is_no_packet(payload: bytes) -> None:
    with pytest.raises(ValueError, match="Opus packet"):
        packet_info(payload)


def test_it_reads_any_bytes_as_libopus_does() -> None:
    library = load_libopus()
    for seed in range(3000):
        rng = np.random.default_rng(seed)
        payload = rng.bytes(int(rng.integers(1, 12)))
        theirs = library.opus_packet_get_nb_samples(payload, len(payload), 48_000)
        try:
            ours = packet_info(payload).samples
        except ValueError:
            ours = theirs if theirs <= 0 else None
        assert ours == theirs


@pytest.mark.parametrize("channels", [1, 2])
def test_decodes(channels: int) -> None:
    with LibopusDecoder(channels) as decoder:
        sound = np.concatenate([decoder.decode(packet) for packet in speech_packets(20)[:200]])
    assert sound.shape == (200 * 960, channels)
    assert sound.dtype == np.int16
    wanted = speech(20)[: 200 * 960 - 312, None]
    assert likeness(sound[312:], wanted) > 0.8


def test_a_lost_packet_comes_back_from_the_next_one() -> None:
    """Better than guessing, by far."""
    packets = speech_packets(20)
    numbers = [n for n in range(100, 200) if packet_info(packets[n + 1]).has_fec]
    better = []
    for number in numbers[::5]:
        decoders = [LibopusDecoder(1) for _ in range(3)]
        for packet in packets[number - 30 : number]:
            for decoder in decoders:
                decoder.decode(packet)
        wanted = decoders[0].decode(packets[number])
        recovered = decoders[1].decode_fec(packets[number + 1], 960)
        concealed = decoders[2].conceal(960)
        assert recovered.shape == concealed.shape == wanted.shape
        assert rms(recovered) > 0.4 * rms(wanted)
        better.append(likeness(recovered, wanted) - likeness(concealed, wanted))
    assert np.mean(better) > 0.1


def test_only_as_much_as_is_asked_for() -> None:
    with LibopusDecoder(2) as decoder:
        decoder.decode(speech_packets(20)[0])
        assert decoder.conceal(5).shape == (5, 2)
        assert decoder.conceal(961).shape == (961, 2)


def test_damage_is_an_error_of_ours_and_does_not_end_the_stream() -> None:
    packets = speech_packets(20)
    with LibopusDecoder(1) as decoder:
        for bad in (b"", b"\xff\xff\xff"):
            with pytest.raises(OpusError, match="Opus packet"):
                decoder.decode(bad)
        with pytest.raises(OpusError):
            decoder.decode_fec(b"\xff\xff\xff", 960)
        assert decoder.decode(packets[0]).shape == (960, 1)


def test_a_closed_decoder_says_so() -> None:
    decoder = LibopusDecoder(1)
    decoder.close()
    decoder.close()
    with pytest.raises(OpusError, match="closed"):
        decoder.decode(speech_packets(20)[0])


def test_channels_that_do_not_exist() -> None:
    with pytest.raises(OpusError, match="invalid argument"):
        LibopusDecoder(3)


@pytest.mark.parametrize("channels", [1, 2])
def test_libavs_decoder_does_without(channels: int) -> None:
    decoder = LibavOpusDecoder(channels)
    sound = np.concatenate([decoder.decode(packet) for packet in speech_packets(20)[:100]])
    assert sound.shape == (100 * 960, channels)
    last = abs(int(sound[-1, 0]))
    faded = decoder.decode_fec(speech_packets(20)[101], 960)
    assert faded.shape == (960, channels)
    assert abs(int(faded[0, 0])) <= last
    assert not faded[300:].any()
    with pytest.raises(OpusError):
        decoder.decode(b"\xff\xff\xff")
    decoder.close()


def test_libopus_is_what_is_used_here() -> None:
    decoder = open_opus_decoder(2)
    assert isinstance(decoder, LibopusDecoder)
    decoder.close()


def test_where_there_is_no_libopus_sound_still_comes() -> None:
    """A process that finds none says so and falls back."""
    script = """
import logging
logging.basicConfig(level="WARNING")
from eyeline.processing.rtc import opus
opus.library_names = lambda stem: iter(["libnothing-of-the-kind.so", "libc.so.6"])
print(type(opus.open_opus_decoder(1)).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=True)
    assert done.stdout == "LibavOpusDecoder\n"
    assert "libopus was not found" in done.stderr


def test_the_library_is_loaded_once() -> None:
    assert load_libopus() is load_libopus()
    assert isinstance(load_libopus(), ctypes.CDLL)
