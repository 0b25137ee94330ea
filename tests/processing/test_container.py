"""Files that lie, files that are too large, files that are none."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from picture_lab import write_clip

from eyeline.processing.container import FileKind, open_container, read_header, video_stream
from eyeline.processing.errors import SourceError, SourceMissingError
from eyeline.processing.frame import I420Image

PIXELS = 1_000_000


def png(path: Path, width_px: int = 40, height_px: int = 30) -> Path:
    cv2.imwrite(str(path), np.full((height_px, width_px, 3), 99, np.uint8))
    return path


def test_kinds_and_sizes(tmp_path: Path):
    clip = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (90, 128, 128))] * 3)
    assert read_header(clip, max_pixels=PIXELS).kind is FileKind.VIDEO
    short = write_clip(tmp_path / "s.mp4", [I420Image.filled(64, 48, (90, 128, 128))])
    assert read_header(short, max_pixels=PIXELS).kind is FileKind.VIDEO
    for name in ("a.png", "a.jpg", "a.webp", "a.bmp", "a.tif", "a.gif", "a.avif"):
        header = read_header(png(tmp_path / name), max_pixels=PIXELS)
        assert header.kind is FileKind.PICTURE
        assert (header.width_px, header.height_px) == (40, 30)


def test_a_name_is_no_pattern_of_names(tmp_path: Path):
    for number in (1, 2):
        png(tmp_path / f"{number}.jpg")
    assert read_header(png(tmp_path / "%d.jpg", 20, 10), max_pixels=PIXELS).width_px == 20


def test_too_many_pixels_are_refused(tmp_path: Path):
    path = png(tmp_path / "a.png", 1001, 1000)
    with pytest.raises(SourceError, match=r"damaged or has more than 1 megapixels"):
        read_header(path, max_pixels=PIXELS)
    assert read_header(path, max_pixels=1_001_000).width_px == 1001


def test_a_picture_that_unpacks_to_gigabytes_is_never_unpacked(tmp_path: Path):
    bomb = tmp_path / "bomb.png"
    write_bomb(bomb, 12_000, 10_000)
    assert bomb.stat().st_size < 1_000_000
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from eyeline.processing.errors import SourceError\n"
        "from eyeline.processing.picture_file import read_picture\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    read_picture(Path(sys.argv[1]), max_pixels=40_000_000)\n"
        "except SourceError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, bomb], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 50_000  # kilobytes; the picture has 360 000


def write_bomb(path: Path, width_px: int, height_px: int) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + width_px * 3)
    body = b"".join(packer.compress(row) for _ in range(height_px)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def test_missing_folders_and_nonsense(tmp_path: Path):
    with pytest.raises(SourceMissingError):
        read_header(tmp_path / "none.png", max_pixels=PIXELS)
    with pytest.raises(SourceMissingError):
        read_header(tmp_path, max_pixels=PIXELS)
    (tmp_path / "text.png").write_text("not a picture at all, just words " * 100)
    with pytest.raises(SourceError, match=r"text\.png cannot be read"):
        read_header(tmp_path / "text.png", max_pixels=PIXELS)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(SourceError):
        read_header(tmp_path / "empty.mp4", max_pixels=PIXELS)
    with pytest.raises(SourceError):
        read_header(tmp_path / ("x" * 5000), max_pixels=PIXELS)


def test_a_playlist_opens_no_other_file(tmp_path: Path):
    part = write_clip(tmp_path / "part.ts", [I420Image.filled(64, 48, (90, 128, 128))] * 30)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{part}\n#EXT-X-ENDLIST\n")
    with av.open(str(playlist)) as container:
        assert container.format.name == "hls"  # libav by itself follows it
    with pytest.raises(SourceError):
        read_header(playlist, max_pixels=PIXELS)


def test_a_file_without_a_picture(tmp_path: Path):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(SourceError, match="holds no picture"), open_container(path, max_pixels=PIXELS) as container:
        video_stream(container, path)
