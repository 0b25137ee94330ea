"""Pictures as people have them."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import write_clip
from PIL import Image

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.picture_file import MAX_FILE_BYTES, picture_image, read_picture

PIXELS = 1_000_000


def corner_marked(width_px: int = 40, height_px: int = 24) -> np.ndarray:
    bgr = np.full((height_px, width_px, 3), (30, 40, 200), np.uint8)
    bgr[:8, :8] = 255
    return bgr


def with_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", 0x112, 3, 1, orientation, 0)
    exif = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_a_phone_held_any_way(tmp_path: Path, orientation: int, corner: tuple[int, int]):
    path = tmp_path / "phone.jpg"
    jpeg = cv2.imencode(".jpg", corner_marked())[1].tobytes()
    path.write_bytes(with_exif_orientation(jpeg, orientation))
    bgr = read_picture(path, max_pixels=PIXELS)
    assert bgr.shape == ((40, 24, 3) if orientation in (6, 8) else (24, 40, 3))
    assert bgr[corner].min() > 230


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_what_is_transparent_shows_grey(tmp_path: Path, suffix: str):
    bgra = np.dstack([corner_marked(), np.full((24, 40), 255, np.uint8)])
    bgra[:, 20:, 3] = 0
    bgra[:, 10:20, 3] = 128
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), bgra, (cv2.IMWRITE_WEBP_QUALITY, 101) if suffix == ".webp" else ())
    bgr = read_picture(path, max_pixels=PIXELS)
    assert bgr[20, 30].tolist() == [128, 128, 128]
    assert bgr[20, 5].tolist() == [30, 40, 200]
    np.testing.assert_allclose(bgr[20, 15], (79, 84, 164), atol=1)


def test_grey_and_16_bit(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((9, 7), 77, np.uint8))
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((9, 7, 3), 0x4D80, np.uint16))
    for name in ("grey.png", "deep.png"):
        bgr = read_picture(tmp_path / name, max_pixels=PIXELS)
        assert bgr.shape == (9, 7, 3)
        assert (bgr == 77).all()


def test_too_long_a_file_is_not_even_opened(tmp_path: Path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(SourceError, match="more than 64 MB"):
        read_picture(path, max_pixels=PIXELS)


def test_a_video_and_a_torso_are_no_pictures(tmp_path: Path):
    clip = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (90, 128, 128))] * 3)
    with pytest.raises(SourceError, match="a video"):
        read_picture(clip, max_pixels=PIXELS)
    half = tmp_path / "half.png"
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    half.write_bytes(cv2.imencode(".png", noise)[1].tobytes()[:40])
    with pytest.raises(SourceError):
        read_picture(half, max_pixels=PIXELS)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 6)])
def test_odd_pictures_become_even(size: tuple[int, int]):
    image = picture_image(np.full((size[1], size[0], 3), 180, np.uint8))
    assert image.size == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    assert np.ptp(image.y) == 0


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".bmp", ".tif"])
def test_what_is_cut_off_is_refused(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    Image.fromarray(noise).save(path)
    assert read_picture(path, max_pixels=PIXELS).shape == (120, 160, 3)
    whole = path.read_bytes()
    for part in (0.95, 0.5, 0.1):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(SourceError, match="a"):
            read_picture(path, max_pixels=PIXELS)


def test_a_thumbnail_inside_does_not_make_a_torso_whole(tmp_path: Path):
    jpeg = cv2.imencode(".jpg", corner_marked(400, 300))[1].tobytes()
    small = cv2.imencode(".jpg", corner_marked(40, 30))[1].tobytes()
    marker = b"\xff\xe1" + struct.pack(">H", len(small) + 2) + small
    path = tmp_path / "a.jpg"
    path.write_bytes((jpeg[:2] + marker + jpeg[2:])[:-200])
    with pytest.raises(SourceError, match="cut off"):
        read_picture(path, max_pixels=PIXELS)


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        (".jpg", "CMYK"),
        (".tif", "CMYK"),
        (".jpg", "L"),
        *((suffix, mode) for suffix in (".png", ".tif") for mode in ("L", "P", "LA", "RGBA", "I;16")),
    ],
)
def test_every_kind_of_pixel(tmp_path: Path, suffix: str, mode: str):
    path = tmp_path / f"a{suffix}"
    grey = Image.new("RGB", (32, 20), (204, 204, 204))  # a colour that palettes have
    picture = Image.new(mode, (32, 20), 204 << 8) if mode == "I;16" else grey.convert(mode)
    picture.save(path)
    bgr = read_picture(path, max_pixels=PIXELS)
    assert bgr.shape == (20, 32, 3)
    np.testing.assert_allclose(bgr, 204, atol=6)


@pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (1, 20_000)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif"])
def test_slivers(tmp_path: Path, size: tuple[int, int], suffix: str):
    path = tmp_path / f"a{suffix}"
    Image.new("RGB", size, (200, 30, 30)).save(path)
    bgr = read_picture(path, max_pixels=PIXELS)
    assert bgr.shape[:2] == size[::-1]
    assert picture_image(bgr).width_px % 2 == 0


def test_what_cannot_be_decoded_says_nothing_on_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    path = tmp_path / "a.bmp"
    Image.new("RGB", (64, 64)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(SourceError):
        read_picture(path, max_pixels=PIXELS)
    assert capfd.readouterr().err == ""
