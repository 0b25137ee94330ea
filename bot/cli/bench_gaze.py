"""`eyeline bench gaze`: what the gaze correction costs and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from eyeline.bot.bench.gaze import GazeReport, measure_gaze
from eyeline.bot.bench.gaze_judge import GazeJudge
from eyeline.bot.bench.gaze_sheet import write_gaze_sheet
from eyeline.bot.bench.one_thread import one_thread
from eyeline.bot.cli.output import write_json, write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.weights import fetch_face_weights, nets_choice
from eyeline.config.errors import UsageError
from eyeline.config.logs import configure_logging
from eyeline.config.paths import whole_path
from eyeline.config.settings import load_settings
from eyeline.processing.decode import decode_video
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.face_nets import FaceNets
from eyeline.processing.gaze.warpers import WarperKind, open_warper
from eyeline.processing.gaze_spec import parse_gaze
from eyeline.processing.kernels.warm_up import warm_up_gaze

_MAX_PIXELS = 40_000_000
_RATE_HZ = 30.0
_JUDGES = Path("../shared/judges/omz")
_COMPARED = (
    *("synthetic_db", "judge_angle_deg", "judge_yaw_rms_deg", "judge_pitch_rms_deg", "sharpness_ratio"),
    *("jitter_ratio", "rest_jitter_ratio", "pixels_changed_outside", "cpu_ms_per_frame", "stages_ms"),
)


def gaze(
    *,
    clip: Annotated[Path, Parameter(help="A video of somebody who looks at a screen.")],
    mode: Annotated[str, Parameter(help="natural, teleprompter, natural:0-100, or 0-100.")] = "natural",
    frames: Annotated[int, Parameter(help="At most so many.")] = 600,
    sheet: Annotated[
        Path | None,
        Parameter(help="Also draw eyes before and after on one sheet, a .png; with two warpers, on one for each."),
    ] = None,
    gaze_warper: Annotated[
        Literal["geometric", "learned", "both"] | None,
        Parameter(help="What turns the eyes; both puts them side by side. That of the settings where not given."),
    ] = None,
    judge: Annotated[
        Path, Parameter(help="Folder of the Open Model Zoo's gaze nets; used where openvino is installed.")
    ] = _JUDGES,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")] = False,
) -> None:
    """Measure the gaze correction on a clip: CPU time, angles, sharpness, calm, and what it leaves alone."""
    wanted = parse_gaze(mode)
    if not wanted.works:
        raise UsageError("There is nothing to measure: the gaze is off.", hint="Use --mode natural.")
    if frames < 1:
        raise UsageError("There must be at least one frame.")
    settings = load_settings({}).settings
    configure_logging(settings.log.level)
    with download_progress() as progress:
        files = fetch_face_weights(settings.models, progress)
    warm_up_gaze()
    runtime = nets_choice(settings.video).runtime
    nets = FaceNets.load(*files, runtime), FaceNets.load(*files, runtime)
    usual = WarperKind(settings.video.gaze_warper)
    kinds = list(WarperKind) if gaze_warper == "both" else [WarperKind(gaze_warper) if gaze_warper else usual]
    reports, asked = {}, GazeJudge.load(whole_path(judge))
    for kind in kinds:
        warper = open_warper(kind)
        with one_thread():
            reports[kind] = measure_gaze(
                _frames(whole_path(clip), frames), nets, wanted, rate_hz=_RATE_HZ, judge=asked, warper=warper
            )
        warper.close()
        if reports[kind].frames == 0:
            raise SourceError(f"{clip.name} holds no frame.")
        if sheet is not None:
            path = whole_path(sheet)
            named = path if len(kinds) == 1 else path.with_stem(f"{path.stem}-{kind.value}")
            write_gaze_sheet(named, reports[kind].pairs)
        reports[kind].pairs.clear()
    _tell(reports, usual, as_json=as_json)


def _tell(reports: dict[WarperKind, GazeReport], usual: WarperKind, *, as_json: bool) -> None:
    """Figures of the one warper, or of the usual one and what differs between all."""
    figures = {kind.value: report.as_json() for kind, report in reports.items()}
    told = figures[usual.value] if len(figures) > 1 else next(iter(figures.values()))
    if len(figures) == 1:
        compared = {}
    else:
        compared = {name: {key: one[key] for key in _COMPARED} for name, one in figures.items()}
    if as_json:
        write_json({**told, "warpers": compared} if compared else told)
        return
    for name, value in told.items():
        write_line(f"{name:<26} {_told(value)}")
    for key in _COMPARED if compared else ():
        write_line(f"{key:<26} " + "  ".join(f"{name}: {_told(one[key])}" for name, one in compared.items()))


def _frames(path: Path, count: int) -> Iterator[I420Image]:
    for index, frame in enumerate(decode_video(path, max_pixels=_MAX_PIXELS)):
        if index == count:
            return
        yield frame.image


def _told(value: object) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.3f}"
        case dict():
            return "  ".join(f"{name} {_told(one)}" for name, one in value.items())
        case _:
            return str(value)
