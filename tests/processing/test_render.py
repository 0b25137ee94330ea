"""Files through the picture."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from picture_lab import StillRuntime, half_person, iou, load_mask, scene, turn_clip, write_clip

from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.errors import MaskError, RenderError
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture
from eyeline.processing.render import RenderJob, RenderReport, render

SIZE = 128, 72


@contextmanager
def picture(folder: Path, background: str, runtime: StillRuntime | None = None) -> Iterator[Picture]:
    """A picture that finds a person in the left half of every frame."""
    chosen = runtime or StillRuntime(half_person())
    with Picture(lambda: PersonMask(chosen), Gallery(folder / "backgrounds"), pace=Pace.EXACT) as made:
        made.apply(made.prepare(EffectState(parse_background(background))))
        yield made


def rendered(folder: Path, source: str, target: str, matte: str | None = None, background: str = "color:#000000"):
    with picture(folder, background) as made:
        return render(made, RenderJob(folder / source, folder / target, folder / matte if matte else None))


def grey_clip(path: Path, count: int = 10, **how: object) -> Path:
    return write_clip(path, [I420Image.filled(*SIZE, (100 + n, 128, 128)) for n in range(count)], **how)


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def luma_of(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def times_of(path: Path) -> list[float]:
    return [frame.time for frame in frames_of(path)]


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv", "out.mov"])
@pytest.mark.parametrize("matte", ["matte.mkv", "matte.mp4", "matte.mov"])
def test_a_video_and_its_matte(tmp_path: Path, target: str, matte: str):
    grey_clip(tmp_path / "in.mp4", rate=10, pts=[0, 1, 2, 4, 5, 9, 10, 11, 12, 20])
    assert rendered(tmp_path, "in.mp4", target, matte) == RenderReport(10)
    out, alpha = frames_of(tmp_path / target), frames_of(tmp_path / matte)
    assert len(out) == len(alpha) == 10
    expected = times_of(tmp_path / "in.mp4")
    assert [frame.time for frame in out] == pytest.approx(expected, abs=0.002)
    assert [frame.time for frame in alpha] == pytest.approx(expected, abs=0.002)
    for index, (frame, opacity) in enumerate(zip(out, alpha, strict=True)):
        assert (frame.width, frame.height) == (opacity.width, opacity.height) == SIZE
        luma = luma_of(frame).astype(int)
        assert np.abs(luma[:, :56] - (100 + index)).max() <= 3
        assert np.abs(luma[:, 72:] - 16).max() <= 3
        assert (luma_of(opacity)[:, :60] == 255).all()
        assert (luma_of(opacity)[:, 68:] == 0).all()


def test_the_real_net_and_a_moving_person(tmp_path: Path):
    scenes = [scene(640, 360, shift=0.02 * n) for n in range(6)]
    write_clip(tmp_path / "in.mp4", [image for image, _ in scenes])
    with Picture(load_mask, Gallery(tmp_path), pace=Pace.EXACT) as made:
        made.apply(made.prepare(EffectState(parse_background("studio"))))
        render(made, RenderJob(tmp_path / "in.mp4", tmp_path / "out.mp4", tmp_path / "matte.mkv"))
    for opacity, (_, true) in zip(frames_of(tmp_path / "matte.mkv"), scenes, strict=True):
        assert iou(luma_of(opacity) / 255, true) > 0.93


def test_the_same_input_gives_the_same_bytes(tmp_path: Path):
    grey_clip(tmp_path / "behind.mp4", 4, rate=8)
    grey_clip(tmp_path / "in.mp4", 20)
    for target in ("one", "two"):
        rendered(tmp_path, "in.mp4", f"{target}.mp4", f"{target}.mkv", background=str(tmp_path / "behind.mp4"))
    for suffix in (".mp4", ".mkv"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("sound", "target", "kept"),
    [("aac", "out.mp4", True), ("pcm_s16le", "out.mkv", True), ("aac", "out.mov", True), ("pcm_u8", "out.mp4", False)],
)
def test_sound_is_copied_where_it_can_be(tmp_path: Path, sound: str, target: str, kept: bool):
    grey_clip(tmp_path / "in.mkv", 25, sound=sound)
    report = rendered(tmp_path, "in.mkv", target)
    with av.open(str(tmp_path / target)) as container:
        assert bool(container.streams.audio) == kept
        if kept:
            samples = sum(frame.samples for frame in container.decode(audio=0))
            assert samples == pytest.approx(48_000, abs=2048)
    assert report.notices == (() if kept else ("The sound was left out: .mp4 cannot hold it as it is. Try .mkv.",))


def test_odd_video_is_cut_to_even_with_a_notice(tmp_path: Path):
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 65, 49, "yuv444p"
        frame = av.VideoFrame.from_ndarray(np.full((49, 65, 3), 90, np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    report = rendered(tmp_path, "in.mkv", "out.mp4", "matte.mkv")
    assert report.notices == ("H.264 needs even sides: 65x49 was cut to 64x48.",)
    assert [(f.width, f.height) for f in frames_of(tmp_path / "out.mp4")] == [(64, 48)]
    assert [(f.width, f.height) for f in frames_of(tmp_path / "matte.mkv")] == [(64, 48)]


def test_a_turned_video_comes_upright(tmp_path: Path):
    turn_clip(grey_clip(tmp_path / "in.mp4"), 90)
    rendered(tmp_path, "in.mp4", "out.mp4")
    (first, *_) = frames_of(tmp_path / "out.mp4")
    assert (first.width, first.height, first.rotation) == (*SIZE[::-1], 0)


def test_pixels_that_are_not_square_stay_so_when_turned(tmp_path: Path):
    path = tmp_path / "in.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        container.mux(stream.encode(I420Image.filled(64, 48, (90, 128, 128)).to_video_frame()))
        container.mux(stream.encode(None))
    rendered(tmp_path, "in.mp4", "as-it-is.mp4")
    turn_clip(path, 90)
    rendered(tmp_path, "in.mp4", "turned.mp4")
    for name, aspect in (("as-it-is.mp4", Fraction(4, 3)), ("turned.mp4", Fraction(3, 4))):
        with av.open(str(tmp_path / name)) as container:
            assert container.streams.video[0].codec_context.sample_aspect_ratio == aspect


def test_a_video_that_changes_its_size_keeps_the_first_one(tmp_path: Path):
    parts = [
        write_clip(tmp_path / f"{width}.h264", [I420Image.filled(width, 72, (90, 128, 128))] * 5).read_bytes()
        for width in (128, 64)
    ]
    (tmp_path / "in.h264").write_bytes(b"".join(parts))
    assert rendered(tmp_path, "in.h264", "out.mp4").frames == 10
    assert {(frame.width, frame.height) for frame in frames_of(tmp_path / "out.mp4")} == {(128, 72)}


def test_colours_that_are_tagged_stay_true(tmp_path: Path):
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        rgb = av.VideoFrame.from_ndarray(np.full((36, 64, 3), (200, 60, 30), np.uint8), format="rgb24")
        container.mux(stream.encode(rgb.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")))
        container.mux(stream.encode(None))
    rendered(tmp_path, "in.mkv", "out.mp4", background="none")
    (frame,) = frames_of(tmp_path / "out.mp4")
    assert frame.colorspace == 6
    np.testing.assert_allclose(frame.to_ndarray(format="rgb24")[18, 32], (200, 60, 30), atol=6)


@pytest.mark.parametrize("target", ["out.png", "out.jpg", "out.webp", "out.bmp", "out.tif"])
@pytest.mark.parametrize("size", [(128, 72), (127, 71)])
def test_a_picture_and_its_matte(tmp_path: Path, target: str, size: tuple[int, int]):
    cv2.imwrite(str(tmp_path / "in.png"), np.full((*size[::-1], 3), (40, 120, 200), np.uint8))
    assert rendered(tmp_path, "in.png", target, "matte.png") == RenderReport(1)
    out = cv2.imread(str(tmp_path / target))
    matte = cv2.imread(str(tmp_path / "matte.png"), cv2.IMREAD_UNCHANGED)
    assert out.shape == (*size[::-1], 3)
    assert (matte.shape, matte.dtype) == (size[::-1], np.uint8)
    np.testing.assert_allclose(out[30, 20], (40, 120, 200), atol=6)
    np.testing.assert_allclose(out[30, 110], (0, 0, 0), atol=6)
    assert (matte[:, :60] == 255).all()
    assert (matte[:, 68:] == 0).all()


def test_an_odd_picture_keeps_its_size_without_a_matte_too(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "in.png"), np.full((71, 127, 3), 90, np.uint8))
    rendered(tmp_path, "in.png", "out.png")
    assert cv2.imread(str(tmp_path / "out.png")).shape == (71, 127, 3)


def test_progress_is_told(tmp_path: Path):
    grey_clip(tmp_path / "in.mp4", 5)
    told: list[tuple[int, int | None]] = []
    with picture(tmp_path, "blur") as made:
        job = RenderJob(tmp_path / "in.mp4", tmp_path / "out.mp4")
        render(made, job, lambda done, of: told.append((done, of)))
    assert told == [(n, 5) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("target", "matte", "reason"),
    [
        ("out.avi", None, r"cannot be out\.avi"),
        ("out.png", None, r"is a video, so the output cannot be out\.png"),
        ("out", None, "cannot be out"),
        ("nowhere/out.mp4", None, "does not exist"),
        ("in.mp4", None, "different files"),
        ("folder.mp4", None, "is a folder"),
        ("out.mp4", "out.mp4", "different files"),
        ("out.mp4", "in.mp4", "different files"),
        ("out.mp4", "matte.png", "the matte cannot be"),
        ("out.mp4", "nowhere/matte.mkv", "of the matte does not exist"),
    ],
)
def test_what_cannot_be_is_told_before_any_work(tmp_path: Path, target: str, matte: str | None, reason: str):
    source = grey_clip(tmp_path / "in.mp4").read_bytes()
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(RenderError, match=reason) as caught:
        rendered(tmp_path, "in.mp4", target, matte)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "in.mp4").read_bytes() == source
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.mp4", "in.mp4"]


def test_a_link_to_the_input_is_the_input(tmp_path: Path):
    grey_clip(tmp_path / "in.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "in.mp4")
    with pytest.raises(RenderError, match="different files"):
        rendered(tmp_path, "in.mp4", "link.mp4")


@pytest.mark.parametrize("name", ["none.mp4", "text.mp4"])
def test_an_input_that_cannot_be_read(tmp_path: Path, name: str):
    (tmp_path / "text.mp4").write_text("words " * 500)
    with pytest.raises(RenderError, match=name.partition(".")[0]):
        rendered(tmp_path, name, "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_a_failing_net_leaves_no_file_and_the_old_one_stays(tmp_path: Path):
    grey_clip(tmp_path / "in.mp4")
    (tmp_path / "out.mp4").write_text("precious")

    class Failing(StillRuntime):
        def run(self, tensor):
            return super().run(tensor) * (np.nan if len(self.seen) > 4 else 1)

    with picture(tmp_path, "blur", Failing(half_person())) as made, pytest.raises(MaskError):
        render(made, RenderJob(tmp_path / "in.mp4", tmp_path / "out.mp4", tmp_path / "matte.mkv"))
    assert (tmp_path / "out.mp4").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
def test_a_full_disk_leaves_no_file(tmp_path: Path, target: str):
    noise = np.random.default_rng(0)
    images = [I420Image(*SIZE, noise.integers(0, 256, SIZE[0] * SIZE[1] * 3 // 2, np.uint8)) for _ in range(60)]
    write_clip(tmp_path / "in.mkv", images)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(RenderError, match="cannot be written") as caught:
            rendered(tmp_path, "in.mkv", target, background="none")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free space" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write to")
def test_a_folder_without_permission(tmp_path: Path):
    grey_clip(tmp_path / "in.mp4")
    with pytest.raises(RenderError, match="cannot be written"):
        rendered(tmp_path, "in.mp4", "/proc/out.mp4")
