"""What a picture costs, against the bare net, a bare copy, and the ways in which others do it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from eyeline.bot.bench.one_thread import one_thread
from eyeline.bot.bench.references import JitsiPicture, RgbPicture
from eyeline.bot.weights import MaskWeights
from eyeline.processing.effects import BlurBackground, EffectState, Exposure, FileBackground
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.framing_spec import Framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.picture import Picture
from eyeline.processing.stage_times import StageTimes

_BLOCK = 30  # frames that one contestant makes before the next has its turn
_RATE_HZ = 30

Step = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class PictureCost:
    """Of one kind of background.

    Args:
        cpu_ms_per_frame: One thread's CPU time, the median over rounds.
        stages_ms: Of it, by stage.
        ratio_to_net: To the bare net of the closer look.
        ratio_to_rgb_reference: To a chain in RGB.
        ratio_to_jitsi_reference: To Jitsi's recipe.
    """

    cpu_ms_per_frame: float
    stages_ms: dict[str, float]
    ratio_to_net: float
    ratio_to_rgb_reference: float
    ratio_to_jitsi_reference: float


@dataclass(frozen=True, slots=True)
class PictureReport:
    """All figures of one run; ratios are taken within rounds, so that a busy machine hardly changes them.

    Args:
        image: Before a picture.
        blur: Before the blurred room.
        care: Before a picture, mirrored, followed and lifted.
        light_wrap: Before a picture whose light falls on the person.
        references_ms: CPU time per frame of what is compared with.
        person_share: Of the frame, that the person takes; nothing else means much where it is 0.
        size_px: Of the frames.
        frames: That each contestant made, the first round not counted.
    """

    image: PictureCost
    blur: PictureCost
    care: PictureCost
    light_wrap: PictureCost
    references_ms: dict[str, float]
    person_share: float
    size_px: tuple[int, int]
    frames: int

    def as_json(self) -> dict[str, object]:
        """The figures before a picture at the top, the others below."""
        return asdict(self.image) | {
            "blur": asdict(self.blur),
            "care": asdict(self.care),
            "light_wrap": asdict(self.light_wrap),
            "references_ms": self.references_ms,
            "person_share": self.person_share,
            "width_px": self.size_px[0],
            "height_px": self.size_px[1],
            "frames": self.frames,
        }


class _Wearer:
    """The real picture with one background, and the mean of its stages."""

    def __init__(self, picture: Picture, frames: Sequence[I420Image]) -> None:
        self._picture = picture
        self._frames = frames
        self._seen: list[StageTimes] = []

    def __call__(self, index: int) -> None:
        image = self._frames[index % len(self._frames)]
        self._picture.process(CapturedFrame(image, index / _RATE_HZ))
        self._seen.append(self._picture.times)

    def stages_ms(self, frames: int) -> dict[str, float]:
        """Over the last so many frames."""
        names = [field.name for field in fields(StageTimes) if field.name != "total_ms"]
        return {
            name.removesuffix("_ms"): float(np.mean([getattr(times, name) for times in self._seen[-frames:]]))
            for name in names
        }


def measure_picture(weights: MaskWeights, frames: Sequence[I420Image], *, rounds: int) -> PictureReport:
    """Let all contestants make frames in turn, on one thread. The first round warms up and does not count.

    Args:
        weights: Of the nets.
        frames: Of one size; shown over and over.
        rounds: That count.

    Raises:
        ModelError: The nets cannot be run.
    """
    size_px = frames[0].size
    backdrop = I420Image.from_bgr(_gradient(*size_px))
    with ExitStack() as stack:
        net = weights.load_closeup()
        tensor = np.random.default_rng(0).random(net.input_shape, np.float32)
        copied = I420Image.empty(*size_px)
        rgb = RgbPicture(weights.load_finder(), backdrop)
        jitsi = JitsiPicture(weights.load_finder(), backdrop)
        stored = EffectState(_stored(stack, backdrop))
        worn = {
            "image": stored,
            "blur": EffectState(BlurBackground()),
            "care": replace(stored, mirror=True, framing=Framing(follow=True), exposure=Exposure.LIFT),
            "light_wrap": replace(stored, light_wrap=100),
        }
        wearers = {
            name: _Wearer(stack.enter_context(_dressed(weights, effects)), frames) for name, effects in worn.items()
        }
        steps: dict[str, Step] = {
            **wearers,
            "net": lambda _: net.run(tensor),
            "copy": lambda index: np.copyto(copied.data, frames[index % len(frames)].data),
            "rgb": lambda index: rgb.process(frames[index % len(frames)]),
            "jitsi": lambda index: jitsi.process(frames[index % len(frames)]),
        }
        stack.enter_context(one_thread())
        spent_ms = _timed(steps, rounds)
        counted = rounds * _BLOCK
        costs = {name: _cost(spent_ms, name, wearer.stages_ms(counted)) for name, wearer in wearers.items()}
        return PictureReport(
            costs["image"],
            costs["blur"],
            costs["care"],
            costs["light_wrap"],
            {name: float(np.median(spent_ms[name])) for name in ("net", "copy", "rgb", "jitsi")},
            _person_share(weights, frames[0]),
            size_px,
            counted,
        )


def _timed(steps: dict[str, Step], rounds: int) -> dict[str, list[float]]:
    """CPU milliseconds per frame of each round, by contestant."""
    spent_ms: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            begun_s = time.thread_time()
            for index in range(number * _BLOCK, (number + 1) * _BLOCK):
                step(index)
            if number:
                spent_ms[name].append((time.thread_time() - begun_s) * 1e3 / _BLOCK)
    return spent_ms


def _cost(spent_ms: dict[str, list[float]], name: str, stages_ms: dict[str, float]) -> PictureCost:
    def ratio(to: str) -> float:
        return float(np.median(np.divide(spent_ms[name], spent_ms[to])))

    return PictureCost(float(np.median(spent_ms[name])), stages_ms, ratio("net"), ratio("rgb"), ratio("jitsi"))


@contextmanager
def _dressed(weights: MaskWeights, effects: EffectState) -> Iterator[Picture]:
    with Picture(weights.person, Gallery(), now_s=time.thread_time) as picture:
        picture.apply(picture.prepare(effects))
        yield picture


def _person_share(weights: MaskWeights, image: I420Image) -> float:
    with Picture(weights.person, Gallery()) as picture:
        picture.apply(picture.prepare(EffectState(BlurBackground())))
        _, matte = picture.process_with_matte(CapturedFrame(image, 0))
        return float((matte.plane > 127).mean())


def _stored(stack: ExitStack, image: I420Image) -> FileBackground:
    path = Path(stack.enter_context(TemporaryDirectory(prefix="eyeline-bench-"))) / "background.png"
    path.write_bytes(cv2.imencode(".png", image.to_bgr())[1].tobytes())
    return FileBackground(path)


def _gradient(width_px: int, height_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rows, columns = np.mgrid[:height_px, :width_px]
    levels = np.stack((255 * rows / height_px, 255 * columns / width_px, np.full(rows.shape, 120)), axis=-1)
    return levels.astype(np.uint8)
