"""`eyeline render`: a file through the picture, as others would see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eyeline.bot.cli.flags import EffectFlags, GazeWarper, MaskModel, NetDevice, NetRuntime
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.effects import effects_of
from eyeline.bot.weights import gaze_opener, mask_opener
from eyeline.config.logs import configure_logging
from eyeline.config.paths import whole_path
from eyeline.config.schema import Settings
from eyeline.config.settings import load_settings
from eyeline.processing.backgrounds import Pace
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze.correction import GazeCorrection
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture
from eyeline.processing.render import RenderJob, ReportFrames, check
from eyeline.processing.render import render as render_file


def render(
    source: Annotated[Path, Parameter(help="A picture or a video.")],
    target: Annotated[Path, Parameter(help="The file to write; replaced when it exists.")],
    /,
    *,
    background: Annotated[
        str | None,
        Parameter(
            help="none, blur[:0-100], color:#rrggbb, gradient:#rrggbb,#rrggbb, a picture or video file, or a name of "
            "the gallery; fit:... or focus:X,Y:... before these places them."
        ),
    ] = None,
    more: EffectFlags | None = None,
    matte: Annotated[
        Path | None,
        Parameter(help="Also write the matte, 8-bit grey: a .png, or for a video a lossless .mkv, .mp4 or .mov."),
    ] = None,
    runtime: NetRuntime = None,
    device: NetDevice = None,
    mask_model: MaskModel = None,
    gaze_warper: GazeWarper = None,
    offline: Annotated[bool | None, Parameter(negative="", help="Do not fetch weights, whatever is missing.")] = None,
    config: Annotated[Path | None, Parameter(help="Settings file instead of ./eyeline.toml.")] = None,
    log_level: Annotated[str | None, Parameter(help="debug, info, warning or error.")] = None,
) -> None:
    """Put a picture or a video file before another background, as it would look in a meeting.

    A video comes out as H.264 in .mp4, .mov or .mkv, with its own timestamps and, where the container can hold it, its
    own sound; where framing follows the person, smaller views are enlarged, since a file has one size. A picture is
    looked at until framing and exposure have settled. The same input gives the same output.
    """
    flags: dict[str, object] = {
        "effects.background": background,
        "video.runtime": runtime,
        "video.device": device,
        "video.mask_model": mask_model,
        "video.gaze_warper": gaze_warper,
        "models.offline": offline,
        "log.level": log_level,
    }
    flags |= (more or EffectFlags()).of_effects()
    settings = load_settings(flags, project_file=config).settings
    configure_logging(settings.log.level)
    effects = effects_of(settings.effects)
    job = RenderJob(whole_path(source), whole_path(target), whole_path(matte) if matte else None)
    check(job)
    notes = Console(stderr=True)
    gallery = Gallery(settings.backgrounds.directory)
    with Picture(
        lambda: _open_mask(settings), gallery, pace=Pace.EXACT, open_gaze=lambda: _open_gaze(settings)
    ) as picture:
        picture.apply(picture.prepare(effects))
        with _frame_progress(notes, target.name) as report:
            done = render_file(picture, job, report)
    for notice in done.notices:
        notes.print(notice, markup=False, highlight=False)
    write_line(f"{target}: {done.frames} {'frame' if done.frames == 1 else 'frames'}")


def _open_mask(settings: Settings) -> PersonMask:
    with download_progress() as report:
        return mask_opener(settings, report)()


def _open_gaze(settings: Settings) -> GazeCorrection:
    with download_progress() as report:
        return gaze_opener(settings, report)()


@contextmanager
def _frame_progress(console: Console, name: str) -> Iterator[ReportFrames]:
    """A bar on a terminal, nothing elsewhere."""
    if not console.is_terminal:
        yield lambda _done, _of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
