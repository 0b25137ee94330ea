"""`eyeline bench picture` and `eyeline bench matte`: what the picture costs and how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from eyeline.bot.bench.contact_sheet import write_contact_sheet
from eyeline.bot.bench.first_frame import FirstFrame, measure_first_frame
from eyeline.bot.bench.footage import clip_frames, drawn_frames
from eyeline.bot.bench.matte import Judged, judge, means, methods
from eyeline.bot.bench.matte_metrics import MatteErrors
from eyeline.bot.bench.matte_set import MattePair, find_pairs
from eyeline.bot.bench.picture import PictureCost, PictureReport, measure_picture
from eyeline.bot.bench.picture_memory import MemoryGrowth, check_seconds, measure_memory
from eyeline.bot.cli.flags import MaskModel, NetDevice, NetRuntime
from eyeline.bot.cli.output import write_json, write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.weights import MaskWeights, chosen_weights
from eyeline.config.errors import UsageError
from eyeline.config.logs import configure_logging
from eyeline.config.paths import whole_path
from eyeline.config.settings import load_settings
from eyeline.models.runtimes.choice import require_torch
from eyeline.processing.frame import I420Image

_FOOTAGE_FRAMES = 60
_MAX_SIDE_PX = 4096
_MOST_PEOPLE = 256

AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")]


def picture(
    *,
    clip: Annotated[Path | None, Parameter(help="A video of a person, instead of a drawn one.")] = None,
    width: Annotated[int, Parameter(help="Of the frames, even.")] = 1280,
    height: Annotated[int, Parameter(help="Of the frames, even.")] = 720,
    rounds: Annotated[int, Parameter(help="Of 30 frames each, besides one to warm up.")] = 10,
    seconds: Annotated[
        float | None, Parameter(help="Also watch the memory so long, as backgrounds change; minutes tell more.")
    ] = None,
    runtime: NetRuntime = None,
    device: NetDevice = None,
    mask_model: MaskModel = None,
    as_json: AsJson = False,
) -> None:
    """Measure what a picture costs: CPU time of one thread, beside the bare net and the ways of others.

    And how soon there is a first one, with a camera that is a test pattern.
    """
    if rounds < 1:
        raise UsageError("There must be at least one round.")
    check_seconds(seconds)
    frames = _footage(clip, width, height)
    weights = _weights(runtime, device, mask_model)
    report = measure_picture(weights, frames, rounds=rounds)
    first = measure_first_frame()
    growth = None if seconds is None else measure_memory(weights, frames, seconds=seconds)
    if as_json:
        write_json(report.as_json() | _first_json(first) | _memory_json(growth))
    else:
        _write_report(report)
        _write_first(first)
        _write_growth(growth)


def matte(
    *,
    folder: Annotated[
        Path, Parameter(name="--set", help="A folder of pictures or clips NAME beside their mattes NAME_a.")
    ],
    tiers: Annotated[bool, Parameter(negative="", help="Also measure the cheaper ways for slow machines.")] = False,
    sheet: Annotated[Path | None, Parameter(help="Also draw all mattes on one sheet, a .png.")] = None,
    runtime: NetRuntime = None,
    device: NetDevice = None,
    mask_model: Annotated[
        Path | None,
        Parameter(
            name=("--mask-model", "--streamix-weights"),
            help="Weights of Streamix's network (only_params.pth): also measure what it can do.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how good mattes are, on pictures and clips whose true mattes are known."""
    pairs = find_pairs(whole_path(folder))
    openers = methods(_weights(runtime, device, mask_model), all_tiers=tiers)
    with _progress(len(pairs)) as advance:
        judged = []
        for pair in pairs:
            judged.append(judge(pair, openers))
            advance()
    if sheet is not None:
        write_contact_sheet(whole_path(sheet), judged)
    if as_json:
        write_json(_matte_json(judged))
    else:
        _write_mattes(judged)


def device(
    *,
    name: Annotated[str, Parameter(name="--device", help="Where torch works: cpu, cuda, cuda:1 or mps.")] = "cuda",
    people: Annotated[int, Parameter(help="Whose pictures are made together.")] = 4,
    clip: Annotated[Path | None, Parameter(help="A video of a person, instead of a drawn one.")] = None,
    width: Annotated[int, Parameter(help="Of the frames, even.")] = 1280,
    height: Annotated[int, Parameter(help="Of the frames, even.")] = 720,
    rounds: Annotated[int, Parameter(help="Of 10 frames of everybody, besides one to warm up.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Measure what pictures of several people cost on one device, such as a GPU, beside the CPU; needs torch."""
    if rounds < 1 or not 1 <= people <= _MOST_PEOPLE:
        raise UsageError(f"There must be at least one round, and 1 to {_MOST_PEOPLE} people.")
    frames = _footage(clip, width, height)
    require_torch("A device")
    from eyeline.bot.bench.device import measure_device

    report = measure_device(_weights("litert", None, None), frames, people=people, device=name, rounds=rounds)
    if as_json:
        write_json(report.as_json())
        return
    write_line(f"{width}x{height}, before the blurred room, {people} {'person' if people == 1 else 'people'} at once")
    write_line(f"{name:<24} {report.ms_per_person:6.2f} ms for each, {report.pictures_per_s:.0f} pictures a second")
    write_line(f"{'one thread of the CPU':<24} {report.cpu_chain_ms_per_person:6.2f} ms for each")
    write_line(
        f"{report.ratio_to_cpu_chain:.2f} x the CPU; pictures differ by {report.largest_gap_mean:.3f} levels of 255"
    )


def _footage(clip: Path | None, width_px: int, height_px: int) -> list[I420Image]:
    if not all(2 <= side <= _MAX_SIDE_PX and side % 2 == 0 for side in (width_px, height_px)):
        raise UsageError(f"Frames of {width_px}x{height_px} cannot be: sides are even, from 2 to {_MAX_SIDE_PX}.")
    if clip is None:
        return drawn_frames((width_px, height_px), _FOOTAGE_FRAMES)
    return clip_frames(whole_path(clip), (width_px, height_px), _FOOTAGE_FRAMES)


def _weights(runtime: str | None, device: str | None, mask_model: Path | None) -> MaskWeights:
    flags = {"video.runtime": runtime, "video.device": device, "video.mask_model": mask_model}
    settings = load_settings(flags).settings
    configure_logging(settings.log.level)
    with download_progress() as report:
        return chosen_weights(settings, report)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    with Progress(TextColumn("mattes"), BarColumn(), MofNCompleteColumn(), console=console, transient=True) as progress:
        task = progress.add_task("mattes", total=total)
        yield lambda: progress.advance(task)


def _write_report(report: PictureReport) -> None:
    width_px, height_px = report.size_px
    write_line(f"{width_px}x{height_px}, {report.frames} frames each, CPU time of one thread")
    if report.person_share == 0:
        write_line("nobody is in the picture: the closer look did not run, so these figures are too low")
    for name, cost in (
        ("before a picture", report.image),
        ("before the blurred room", report.blur),
        ("mirrored, framed, lifted", report.care),
        ("with its light", report.light_wrap),
    ):
        write_line(f"{name:<24} {cost.cpu_ms_per_frame:6.2f} ms   {_ratios(cost)}")
        write_line(" " * 25 + "  ".join(f"{stage} {spent:.2f}" for stage, spent in cost.stages_ms.items()))
    for name, spent_ms in report.references_ms.items():
        write_line(f"{_REFERENCES[name]:<24} {spent_ms:6.2f} ms")


def _write_first(first: FirstFrame) -> None:
    write_line(
        f"the first picture after {first.seconds:.2f} s ({first.cpu_s:.2f} s of CPU time), "
        f"{first.from_launch_s:.2f} s with the launch of Python"
    )


def _write_growth(growth: MemoryGrowth | None) -> None:
    if growth is not None:
        write_line(
            f"memory {growth.first_mb:.1f} MB, then {growth.last_mb:.1f} MB after {growth.seconds:.0f} s, "
            f"{growth.frames} frames and {growth.changes} changes of background: {growth.mb_per_hour:+.1f} MB an hour"
        )


def _first_json(first: FirstFrame) -> dict[str, object]:
    return {
        "first_frame_s": first.seconds,
        "first_frame_cpu_s": first.cpu_s,
        "first_frame_from_launch_s": first.from_launch_s,
    }


def _memory_json(growth: MemoryGrowth | None) -> dict[str, object]:
    if growth is None:
        return {"memory_mb_per_hour": None}
    return {"memory_mb_per_hour": growth.mb_per_hour, "memory": asdict(growth)}


_REFERENCES = {"net": "the bare net", "copy": "a bare copy", "rgb": "a chain in RGB", "jitsi": "Jitsi's recipe"}


def _ratios(cost: PictureCost) -> str:
    return (
        f"{cost.ratio_to_net:.2f} x net   {cost.ratio_to_rgb_reference:.2f} x RGB"
        f"   {cost.ratio_to_jitsi_reference:.2f} x Jitsi"
    )


def _matte_json(judged: list[Judged]) -> dict[str, object]:
    return {
        "methods": _as_json(means(judged)),
        "groups": {group: _as_json(means(ones)) for group, ones in _groups(judged).items()},
        "items": {one.pair.name: _as_json(one.errors) for one in judged},
    }


def _as_json(errors: dict[str, MatteErrors]) -> dict[str, dict[str, float | None]]:
    return {name: asdict(one) for name, one in errors.items()}


def _write_mattes(judged: list[Judged]) -> None:
    for group, ones in (_groups(judged) | {"all": judged}).items():
        write_line(f"{group} ({len(ones)})")
        write_line(f"  {'':<19}{'IoU':>8}{'MAD':>8}{'band':>8}{'grad':>8}{'dtSSD':>8}")
        for name, errors in means(ones).items():
            cells = f"{errors.iou:8.3f}{errors.mad:8.1f}{_cell(errors.band_mad, 1)}{errors.grad:8.1f}"
            write_line(f"  {name:<19}{cells}{_cell(errors.dtssd, 2)}")


def _cell(value: float | None, digits: int) -> str:
    return f"{'-':>8}" if value is None else f"{value:8.{digits}f}"


def _groups(judged: list[Judged]) -> dict[str, list[Judged]]:
    """By folder and kind, in the order of the set."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(_group(one.pair), []).append(one)
    return groups


def _group(pair: MattePair) -> str:
    return pair.group or f"{pair.kind.value}s"
