from __future__ import annotations

import random
import threading
import time
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs.h264 import PACKET_MAX as H264_MOST
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import PACKET_MAX as VP8_MOST
from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import VideoFrame
from av.video.frame import PictureType
from encoder_lab import H264, HEIGHT_PX, VP8, WIDTH_PX, coded, is_keyframe, run, steady
from moving_clip import TIME_BASE, frame, luma, psnr_db

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.send_rate import rate_limits
from eyeline.processing.rtc.vp8_encoder import open_vp8
from eyeline.processing.rtc.vp8_payload import PlainVp8Payloader

BOTH = pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])
SMALL_PX = (320, 180)


def encoder_of(codec: RTCRtpCodecParameters) -> LiveVideoEncoder:
    encoder = live_encoder(codec)
    assert isinstance(encoder, LiveVideoEncoder)
    return encoder


def decoded(codec: RTCRtpCodecParameters, payloads: list[bytes]) -> VideoFrame:
    decoder = av.CodecContext.create({"VP8": "libvpx", "H264": "h264"}[codec.name], "r")
    (shown,) = decoder.decode(av.Packet(coded(codec, payloads)))
    assert isinstance(shown, VideoFrame)
    return shown


@BOTH
def test_the_picture_comes_back(codec: RTCRtpCodecParameters) -> None:
    made = run(encoder_of(codec), codec, steady(2), measure=True)
    assert made.psnr_db(1) > 36
    assert min(made.psnrs_db) > 26


@BOTH
def test_a_rate_is_taken_in_place(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    made = run(encoder, codec, steady(9), rates_bps={0: 900_000, 90: 300_000, 180: 900_000})
    assert made.keyframes == [0]
    assert encoder.keyframes == 1
    assert made.kbps(1, 3) == pytest.approx(900, rel=0.15)
    assert made.kbps(4, 6) == pytest.approx(300, rel=0.2)
    assert made.kbps(7.5, 9) == pytest.approx(900, rel=0.15)


@BOTH
def test_no_change_of_rate_costs_a_keyframe(codec: RTCRtpCodecParameters) -> None:
    rng = random.Random(4)
    rates_bps = {number: rng.randint(50_000, 3_000_000) for number in range(5, 205, 10)}
    assert len(rates_bps) == 20
    assert run(encoder_of(codec), codec, steady(7), rates_bps=rates_bps).keyframes == [0]


@BOTH
def test_keyframes_come_exactly_where_they_are_asked_for(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    made = run(encoder, codec, steady(2), forced=[7, 8, 30, 59], measure=True)
    assert made.keyframes == [0, 7, 8, 30, 59]
    assert encoder.keyframes == 5


@BOTH
@pytest.mark.parametrize("fps", [10, 15, 60])
def test_the_rate_holds_at_other_frame_rates(codec: RTCRtpCodecParameters, fps: int) -> None:
    made = run(encoder_of(codec), codec, steady(5, fps), rates_bps={0: 600_000})
    assert made.kbps(1, 5) == pytest.approx(600, rel=0.15)


@BOTH
@pytest.mark.parametrize("flaw", ["uneven", "missing"])
def test_the_rate_holds_when_frames_are(codec: RTCRtpCodecParameters, flaw: str) -> None:
    rng = random.Random(6)
    times_s = (
        [at_s + rng.uniform(0, 0.03) for at_s in steady(7)]
        if flaw == "uneven"
        else [at_s for at_s in steady(7) if rng.random() > 0.15]
    )
    made = run(encoder_of(codec), codec, times_s, rates_bps={0: 600_000})
    assert made.kbps(0, 7) == pytest.approx(600, rel=0.07)


@pytest.mark.parametrize(("codec", "theirs"), [(VP8, Vp8Encoder), (H264, H264Encoder)], ids=["VP8", "H264"])
def test_pictures_are_not_worse_than_aiortcs(
    codec: RTCRtpCodecParameters, theirs: type[Vp8Encoder | H264Encoder]
) -> None:
    rate_bps = {0: 500_000}
    ours = run(encoder_of(codec), codec, steady(4), rates_bps=rate_bps, measure=True)
    reference = run(theirs(), codec, steady(4), rates_bps=rate_bps, measure=True)
    assert ours.kbps(1, 4) <= reference.kbps(1, 4) * 1.1
    assert ours.psnr_db(1) >= reference.psnr_db(1) - 0.2


@BOTH
def test_types_of_the_source_make_no_keyframes_and_the_frame_is_left_alone(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    for number in range(10):
        picture = frame(number, *SMALL_PX)
        picture.pict_type = PictureType.I
        before = [bytes(plane) for plane in picture.planes]
        encoder.encode(picture, False)
        assert encoder.last_is_keyframe == (number == 0)
        assert (picture.pict_type, picture.pts, picture.time_base) == (PictureType.I, number * 3000, TIME_BASE)
        assert [bytes(plane) for plane in picture.planes] == before
        assert all(len(memoryview(plane)) for plane in picture.planes)


@BOTH
def test_forcing_leaves_no_mark_on_the_frame(codec: RTCRtpCodecParameters) -> None:
    encoder, picture = encoder_of(codec), frame(0, *SMALL_PX)
    type_before = picture.pict_type
    encoder.encode(picture, True)
    assert picture.pict_type == type_before


@BOTH
@pytest.mark.parametrize("size_px", [(320, 180), (640, 360), (960, 540), (1280, 720), (1920, 1080), (360, 640), (2, 2)])
def test_every_size(codec: RTCRtpCodecParameters, size_px: tuple[int, int]) -> None:
    encoder = encoder_of(codec)
    if size_px == (2, 2):
        picture = VideoFrame(2, 2, "yuv420p")
        picture.pts, picture.time_base = 0, TIME_BASE
    else:
        picture = frame(0, *size_px)
    shown = decoded(codec, encoder.encode(picture, False)[0])
    assert (shown.width, shown.height) == size_px
    assert encoder.target_bitrate == rate_limits(*size_px).start_bps


@BOTH
def test_another_size_begins_with_a_keyframe(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    for number, size_px in enumerate([(640, 360)] * 3 + [SMALL_PX] * 3 + [(640, 360)] * 3):
        payloads, _ = encoder.encode(frame(number, *size_px), False)
        assert encoder.last_is_keyframe == (number % 3 == 0) == is_keyframe(codec, coded(codec, payloads))
        if number % 3 == 0:
            shown = decoded(codec, payloads)
            assert (shown.width, shown.height) == size_px


@BOTH
def test_it_makes_pictures_no_taller_than_allowed(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    encoder.max_height_px = 180
    picture = frame(0, 640, 360)
    shown = decoded(codec, encoder.encode(picture, False)[0])
    assert (shown.width, shown.height) == (320, 180)
    assert psnr_db(shown, picture.reformat(320, 180)) > 25
    encoder.max_height_px = None
    shown = decoded(codec, encoder.encode(frame(1, 640, 360), False)[0])
    assert (shown.width, shown.height) == (640, 360)


@BOTH
@pytest.mark.parametrize("size_px", [(641, 360), (640, 361), (0, 0), (640, 0), (5000, 360)])
def test_sizes_that_cannot_be(codec: RTCRtpCodecParameters, size_px: tuple[int, int]) -> None:
    encoder = encoder_of(codec)
    picture = VideoFrame(*size_px, "yuv420p")
    picture.pts, picture.time_base = 0, TIME_BASE
    with pytest.raises(EncoderError, match=f"{size_px[0]}x{size_px[1]}") as told:
        encoder.encode(picture, False)
    assert "even" in told.value.hint
    assert encoder.encode(frame(0, *SMALL_PX), False)[0]


@BOTH
@pytest.mark.parametrize("pixels", ["rgb24", "bgra", "nv12", "yuvj420p", "yuv444p", "yuv420p10le", "gray"])
def test_other_pixel_formats_are_converted(codec: RTCRtpCodecParameters, pixels: str) -> None:
    original = frame(0, *SMALL_PX)
    other = original.reformat(format=pixels)
    other.pts, other.time_base = 0, TIME_BASE
    shown = decoded(codec, encoder_of(codec).encode(other, True)[0])
    assert shown.format.name == "yuv420p"
    assert psnr_db(shown, original) > 25


@BOTH
@pytest.mark.parametrize("pixels", ["pal8", "bayer_bggr8", "xyz12le"])
def test_formats_that_are_not_known_are_refused(codec: RTCRtpCodecParameters, pixels: str) -> None:
    picture = VideoFrame(*SMALL_PX, pixels)
    picture.pts, picture.time_base = 0, TIME_BASE
    with pytest.raises(EncoderError, match="cannot be encoded"):
        encoder_of(codec).encode(picture, False)


def test_what_has_no_time_is_refused() -> None:
    with pytest.raises(EncoderError, match="time"):
        encoder_of(VP8).encode(VideoFrame(*SMALL_PX, "yuv420p"), False)
    with pytest.raises(EncoderError, match="pictures"):
        encoder_of(VP8).encode(av.AudioFrame("s16", "mono", 960), False)


@BOTH
@pytest.mark.parametrize("start", [0, 2**32 - 30_000, 2**40, 12_345_678_901])
def test_timestamps_are_the_frames_own(codec: RTCRtpCodecParameters, start: int) -> None:
    encoder = encoder_of(codec)
    for number in range(20):
        picture = frame(number, *SMALL_PX)
        picture.pts = start + number * 3000
        assert encoder.encode(picture, False)[1] == start + number * 3000
    picture.pts, picture.time_base = 500, Fraction(1, 1000)
    assert encoder.encode(picture, False)[1] == 45_000


@BOTH
def test_time_may_stand_still_or_run_back(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    for number, pts in enumerate([9000, 9000, 0, 3000, 900_000, 2, 3]):
        picture = frame(number, *SMALL_PX)
        picture.pts = pts
        assert encoder.encode(picture, False)[0]
        assert encoder.last_is_keyframe == (number == 0)


@BOTH
def test_frames_that_say_full_range_are_encoded(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    for number in range(4):
        picture = frame(number, *SMALL_PX)
        picture.color_range = 2 if number % 2 else 1
        assert encoder.encode(picture, False)[0]


def test_vp8_payloads_are_whole() -> None:
    encoder = encoder_of(VP8)
    last_id = None
    for number in range(4):
        payloads, _ = encoder.encode(frame(number), number == 2)
        assert all(len(payload) <= VP8_MOST for payload in payloads)
        parsed = [VpxPayloadDescriptor.parse(payload) for payload in payloads]
        assert [descriptor.partition_start for descriptor, _ in parsed] == [1] + [0] * (len(payloads) - 1)
        assert {descriptor.partition_id for descriptor, _ in parsed} == {0}
        (picture_id,) = {descriptor.picture_id for descriptor, _ in parsed}
        assert last_id is None or picture_id == (last_id + 1) % 2**15
        last_id = picture_id
        assert payloads[0][:2] == b"\x90\x80"
        assert payloads[0][2] & 0x80
        assert all(payload[:4] == b"\x80" + payloads[0][1:4] for payload in payloads[1:])
        assert all(len(payload) == VP8_MOST for payload in payloads[:-1])
        if number in (0, 2):
            # RFC 6386, section 9.1: start code and size
            assert parsed[0][1][3:10] == bytes.fromhex("9d012a") + (1280).to_bytes(2, "little") + (720).to_bytes(
                2, "little"
            )


def test_h264_payloads_are_whole() -> None:
    payloads, _ = encoder_of(H264).encode(frame(0), False)
    assert all(len(payload) <= H264_MOST for payload in payloads)
    assert payloads[0][0] & 0x1F == 24  # STAP-A of the headers
    fragments = [payload for payload in payloads if payload[0] & 0x1F == 28]
    assert len(fragments) == len(payloads) - 1
    assert [fragment[1] >> 6 for fragment in fragments] == [0b10] + [0b00] * (len(fragments) - 2) + [0b01]
    assert {fragment[1] & 0x1F for fragment in fragments} == {5}


@BOTH
def test_coded_pictures_are_packed_as_they_are(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    data = coded(codec, encoder.encode(frame(0, *SMALL_PX), False)[0])
    packet = av.Packet(data)
    packet.pts, packet.time_base = 9000, TIME_BASE
    payloads, timestamp = encoder.pack(packet)
    assert coded(codec, payloads) == data
    assert timestamp == 9000


@BOTH
def test_a_rate_is_held_within_what_the_size_is_worth(codec: RTCRtpCodecParameters) -> None:
    encoder, limits = encoder_of(codec), rate_limits(*SMALL_PX)
    encoder.encode(frame(0, *SMALL_PX), False)
    for wanted_bps, target_bps in ((1, limits.least_bps), (10**9, limits.most_bps), (300_000, 300_000)):
        encoder.target_bitrate = wanted_bps
        assert encoder.target_bitrate == target_bps


@BOTH
def test_efforts_change_in_flight(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    for number in range(20):
        encoder.effort = Effort(number % 4) if codec is VP8 else Effort(2 + number % 2)
        assert encoder.encode(frame(number, *SMALL_PX), False)[0]
    assert encoder.keyframes == 1


@BOTH
def test_a_closed_one_refuses(codec: RTCRtpCodecParameters) -> None:
    encoder = encoder_of(codec)
    encoder.close()
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encoder.encode(frame(0, *SMALL_PX), False)


class SlowCodec:
    """A real codec behind a door that a test opens; knows whether it was freed while it encoded."""

    def __init__(self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort) -> None:
        self.codec = open_vp8(width_px, height_px, bitrate_bps, effort)
        self.entered, self.go_on = threading.Event(), threading.Event()
        self.encoding = False
        self.closed_while_encoding: bool | None = None

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        self.encoding = True
        self.entered.set()
        assert self.go_on.wait(10)
        coded = self.codec.encode(frame, time, keyframe=keyframe)
        self.encoding = False
        return coded

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        self.codec.aim(bitrate_bps, effort)

    def close(self) -> None:
        self.closed_while_encoding = self.encoding
        self.codec.close()


def test_closing_waits_for_the_picture_and_nobody_for_closing() -> None:
    opened: list[SlowCodec] = []

    def open_slow(width_px: int, height_px: int, bitrate_bps: int, effort: Effort) -> SlowCodec:
        opened.append(SlowCodec(width_px, height_px, bitrate_bps, effort))
        return opened[0]

    encoder = LiveVideoEncoder(open_slow, PlainVp8Payloader().payloads)
    results: list[list[bytes]] = []
    thread = threading.Thread(target=lambda: results.append(encoder.encode(frame(0, *SMALL_PX), False)[0]))
    thread.start()
    while not opened:
        time.sleep(0.001)
    assert opened[0].entered.wait(10)
    encoder.close()
    assert opened[0].closed_while_encoding is None
    opened[0].go_on.set()
    thread.join(10)
    assert results[0]
    assert opened[0].closed_while_encoding is False


@BOTH
def test_closing_at_any_moment_is_safe(codec: RTCRtpCodecParameters) -> None:
    for pause_ms in range(6):
        encoder = encoder_of(codec)
        refused = threading.Event()

        def encode(encoder: LiveVideoEncoder = encoder, refused: threading.Event = refused) -> None:
            try:
                for number in range(10_000):
                    encoder.encode(frame(number % 4, *SMALL_PX, at_s=number / 30), False)
            except EncoderError:
                refused.set()

        thread = threading.Thread(target=encode)
        thread.start()
        time.sleep(0.02 + pause_ms / 1000)
        encoder.close()
        thread.join(20)
        assert refused.is_set()


class FailingOnce:
    """A real codec that fails at one picture."""

    def __init__(self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort) -> None:
        self.codec = open_vp8(width_px, height_px, bitrate_bps, effort)
        self.pictures = 0
        self.aim, self.close = self.codec.aim, self.codec.close

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        self.pictures += 1
        if self.pictures == 3:
            raise EncoderError("It broke.")
        return self.codec.encode(frame, time, keyframe=keyframe)


def test_after_a_failure_it_begins_anew() -> None:
    encoder = LiveVideoEncoder(FailingOnce, PlainVp8Payloader().payloads)
    encoder.encode(frame(0, *SMALL_PX), False)
    encoder.encode(frame(1, *SMALL_PX), False)
    with pytest.raises(EncoderError, match="broke"):
        encoder.encode(frame(2, *SMALL_PX), False)
    assert not encoder.last_is_keyframe
    payloads, _ = encoder.encode(frame(3, *SMALL_PX), False)
    assert encoder.last_is_keyframe
    assert psnr_db(decoded(VP8, payloads), frame(3, *SMALL_PX)) > 25


def test_two_encoders_may_share_a_frame() -> None:
    encoders = [encoder_of(VP8), encoder_of(H264), encoder_of(H264)]
    shared = [frame(number, WIDTH_PX, HEIGHT_PX) for number in range(30)]
    counts: list[int] = []

    def encode(encoder: LiveVideoEncoder, offset: int) -> None:
        for number, picture in enumerate(shared):
            encoder.encode(picture, number == offset)
        counts.append(encoder.keyframes)

    threads = [threading.Thread(target=encode, args=(each, 5 + index)) for index, each in enumerate(encoders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counts == [2, 2, 2]
    assert all(
        np.array_equal(luma(picture), luma(frame(n, WIDTH_PX, HEIGHT_PX))) for n, picture in enumerate(shared[:3])
    )
