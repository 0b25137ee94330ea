"""One run of `eyeline bench`: checks what was asked, makes the clip in a folder of its own, measures."""

from __future__ import annotations

import asyncio
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from eyeline.bot.bench.cases import Case, measure_case
from eyeline.bot.bench.chain import measure_chain
from eyeline.bot.bench.clip import Clip, load_clip, make_clip
from eyeline.bot.bench.errors import BenchUsageError
from eyeline.bot.bench.packets import encode_clip
from eyeline.bot.bench.proxy import ProxyPlan, measure_parts, measure_rounds, quiet_result
from eyeline.bot.bench.publish import PublishPlan, measure_publish
from eyeline.bot.bench.returning import ReturnPlan, measure_return
from eyeline.bot.bench.simulcast import measure_simulcast
from eyeline.bot.bench.steering import SteeringPlan, measure_steering
from eyeline.bot.bench.zoom import measure_zoom
from eyeline.processing.beside import usable_cores

LEAST_S: Final = 3.0
LEAST_CORES: Final = 2
CODECS: Final = ("vp8", "h264")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What pictures are measured with.

    Args:
        clip: A video file; `None` makes the clip by code.
        replaced: Whether the clip that is made by code has a picture behind the head, and no camera's noise on it.
        size_px: Width and height; multiples of 16.
    """

    clip: Path | None = None
    replaced: bool = False
    size_px: tuple[int, int] = (1280, 720)

    @property
    def words(self) -> str:
        """What is sent, for a report."""
        if self.clip is not None:
            return self.clip.name
        return "head before a replaced background" if self.replaced else "head in a room, as a camera sees it"


async def run_publish(codec: str, seconds: float, subject: Subject, tell: Tell) -> dict[str, Any]:
    """Measure sending.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    name = _checked(codec, seconds)
    with tempfile.TemporaryDirectory(prefix="eyeline-bench-") as folder:
        clip = await _clip(Path(folder), subject, tell)
        result = await measure_publish(PublishPlan(clip, name, seconds), tell)
    return {**result, "picture": subject.words, "machine": _machine()}


async def run_simulcast(seconds: float, subject: Subject, tell: Tell) -> dict[str, Any]:
    """Measure sending three sizes side by side.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    _checked("vp8", seconds)
    with tempfile.TemporaryDirectory(prefix="eyeline-bench-") as folder:
        clip = await _clip(Path(folder), subject, tell)
        result = await measure_simulcast(PublishPlan(clip, "VP8", seconds), tell)
    return {**result, "picture": subject.words, "machine": _machine()}


async def run_proxy(
    codec: str,
    seconds: float,
    subject: Subject,
    tell: Tell,
    *,
    cases: Sequence[Case],
    work_ms: float,
    worker: str,
) -> dict[str, Any]:
    """Measure the bot between a person and a viewer.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    name = _checked(codec, seconds)
    if not 0 <= work_ms <= 1000:
        raise BenchUsageError(f"{work_ms} ms of work is out of range.", hint="Give 0 to 1000.")
    with tempfile.TemporaryDirectory(prefix="eyeline-bench-") as folder:
        clip = await _clip(Path(folder), subject, tell)
        coded = await asyncio.to_thread(encode_clip, clip, Path(folder) / "clip.h264")
        plan = ProxyPlan(coded, name, work_ms, seconds, worker)
        result: dict[str, Any] = {"codec": codec, "size_px": subject.size_px, "work_ms": work_ms, "seconds": seconds}
        if Case.QUIET in cases:
            result |= quiet_result(await measure_rounds(plan, tell))
            parts_ms = result["parts_cpu_ms_per_frame"]
        else:
            tell("the parts")
            parts_ms = await measure_parts(plan)
        disturbed = [case for case in cases if case is not Case.QUIET]
        if disturbed:
            result["cases"] = {}
        for case in disturbed:
            tell(f"case {case.value}")
            result["cases"][case.value] = await measure_case(case, plan, parts_ms)
    return {**result, "machine": _machine()}


async def run_chain(
    codec: str, seconds: float, subject: Subject, tell: Tell, *, effects: dict[str, str], worker: str
) -> dict[str, Any]:
    """Measure the bot with the real picture.

    Args:
        codec: As the others.
        seconds: Likewise.
        subject: A clip with a person in it, or there is nothing to do.
        tell: Told how far it is.
        effects: `background` and `gaze`, as they are written.
        worker: `process` or `thread`.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    name = _checked(codec, seconds)
    with tempfile.TemporaryDirectory(prefix="eyeline-bench-") as folder:
        clip = await _clip(Path(folder), subject, tell)
        coded = await asyncio.to_thread(encode_clip, clip, Path(folder) / "clip.h264")
        result = await measure_chain(ProxyPlan(coded, name, 0.0, seconds, worker, effects), tell)
    return {"codec": codec, "size_px": subject.size_px, "seconds": seconds, **effects, **result, "machine": _machine()}


async def run_steering(codec: str, seconds: float, plan: SteeringPlan, tell: Tell) -> dict[str, Any]:
    """Measure commands by chat and by REST.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    return {**await measure_steering(replace(plan, codec=_checked(codec, seconds)), tell), "machine": _machine()}


async def run_return(plan: ReturnPlan, tell: Tell) -> dict[str, Any]:
    """Measure coming back after nobody looked.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    codec = _checked(plan.codec, LEAST_S)
    return {**await measure_return(replace(plan, codec=codec), tell), "machine": _machine()}


async def run_zoom(seconds: float, size_px: tuple[int, int], fps: int) -> dict[str, Any]:
    """Measure how pictures get to the process that holds Zoom's SDK.

    Raises:
        BenchUsageError: It cannot be measured like that, or not here.
        BenchError: It failed.
    """
    return {**await measure_zoom(seconds, size_px, fps), "machine": _machine()}


async def _clip(folder: Path, subject: Subject, tell: Tell) -> Clip:
    tell("making the clip")
    path, (width_px, height_px) = folder / "clip.i420", subject.size_px
    if subject.clip is None:
        return await asyncio.to_thread(
            make_clip, path, width_px=width_px, height_px=height_px, replaced=subject.replaced
        )
    return await asyncio.to_thread(load_clip, path, subject.clip, width_px=width_px, height_px=height_px)


def _checked(codec: str, seconds: float) -> str:
    if codec not in CODECS:
        raise BenchUsageError(f"There is no codec {codec!r} to measure.", hint=f"Give {' or '.join(CODECS)}.")
    if seconds < LEAST_S:
        raise BenchUsageError(f"{seconds:g} s are too short to tell anything.", hint=f"Give {LEAST_S:.0f} or more.")
    cores = usable_cores()
    if cores < LEAST_CORES:
        raise BenchUsageError(
            f"This machine lets Eyeline use {cores} core.",
            hint=f"A sender, a bot and a receiver need at least {LEAST_CORES} to be measured.",
        )
    return codec.upper()


def _machine() -> dict[str, Any]:
    return {
        "cores": usable_cores(),
        "system": platform.system(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "aiortc": version("aiortc"),
        "av": version("av"),
        "load_1_min": psutil.getloadavg()[0],
    }
