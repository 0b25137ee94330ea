"""I420 images: planes without copies, and the way to libav and back."""

from __future__ import annotations

import av
import numpy as np
import pytest

from eyeline.processing.frame import I420Image, fit_within


def ramp(width_px: int = 66, height_px: int = 34) -> I420Image:
    image = I420Image.empty(width_px, height_px)
    image.data[:] = np.arange(image.data.size) % 199 + 20
    return image


def test_planes_are_views_of_one_buffer() -> None:
    image = I420Image.filled(8, 4, (10, 20, 30))
    assert [plane.shape for plane in image.planes] == [(4, 8), (2, 4), (2, 4)]
    assert image.data.tolist() == [10] * 32 + [20] * 8 + [30] * 8
    image.v[1, 3] = 99
    assert image.data[-1] == 99


@pytest.mark.parametrize("size", [(7, 4), (8, 5), (0, 4), (8, 0)])
def test_odd_and_empty_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="even"):
        I420Image(*size, np.zeros(48, np.uint8))


@pytest.mark.parametrize("data", [np.zeros(47, np.uint8), np.zeros(48, np.float32), np.zeros((6, 8), np.uint8)])
def test_a_buffer_that_does_not_fit_is_refused(data: np.ndarray) -> None:
    with pytest.raises(ValueError, match="does not hold"):
        I420Image(8, 4, data)


@pytest.mark.parametrize("size", [(66, 34), (1280, 720), (642, 362), (2, 2)])
def test_to_libav_and_back_loses_nothing(size: tuple[int, int]) -> None:
    image = ramp(*size)
    frame = image.to_video_frame()
    assert (frame.width, frame.height, frame.format.name) == (*size, "yuv420p")
    np.testing.assert_array_equal(I420Image.from_video_frame(frame).data, image.data)


def test_a_frame_for_an_encoder_is_a_copy() -> None:
    image = ramp()
    before = image.data.copy()
    memory = np.frombuffer(image.to_video_frame().planes[0], np.uint8)
    memory.setflags(write=True) if not memory.flags.writeable else None
    memory[:] = 0
    np.testing.assert_array_equal(image.data, before)


def test_a_last_odd_column_and_row_are_cut_off() -> None:
    frame = av.VideoFrame(5, 3, "yuv420p")
    for value, plane in zip((50, 60, 70), frame.planes, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    image = I420Image.from_video_frame(frame)
    assert image.size == (4, 2)
    assert image.data.tolist() == [50] * 8 + [60] * 2 + [70] * 2


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="yuv420p"):
        I420Image.from_video_frame(av.VideoFrame(16, 16, "rgb24"))


def test_colours_survive_the_way_through_bgr() -> None:
    bgr = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    assert np.abs(I420Image.from_bgr(bgr).to_bgr().astype(int) - bgr).max() <= 2
    assert I420Image.from_bgr(np.full((16, 16, 3), 255, np.uint8)).y[0, 0] == 235  # limited range


def test_scaling() -> None:
    image = I420Image.filled(64, 36, (90, 110, 130))
    small, large = image.scaled(32, 18), image.scaled(128, 72)
    assert small.size == (32, 18)
    assert large.size == (128, 72)
    for scaled in (small, large):
        assert [int(plane.min()) for plane in scaled.planes] == [90, 110, 130]
    assert image.scaled(64, 36) is image


@pytest.mark.parametrize(
    ("size", "box", "fitted"),
    [
        ((1920, 1080), (1280, 720), (1280, 720)),
        ((640, 480), (1280, 720), (640, 480)),
        ((1440, 1080), (1280, 720), (960, 720)),
        ((1080, 1920), (1280, 720), (404, 720)),
        ((641, 359), (1280, 720), (640, 360)),
        ((4000, 10), (1280, 720), (1280, 4)),
        ((10000, 2), (1280, 720), (1280, 2)),
    ],
)
def test_fitting_keeps_the_shape_and_gives_even_sides(
    size: tuple[int, int], box: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fit_within(*size, *box) == fitted


@pytest.mark.parametrize("size_px", [(64, 36), (66, 38), (160, 90), (2, 2)])
def test_a_video_frame_over_the_same_samples(size_px: tuple[int, int]):
    image = I420Image(*size_px, np.random.default_rng(3).integers(0, 256, size_px[0] * size_px[1] * 3 // 2, np.uint8))
    frame = image.as_video_frame()
    assert (frame.width, frame.height, frame.format.name) == (*size_px, "yuv420p")
    assert np.array_equal(I420Image.from_video_frame(frame).data, image.data)
