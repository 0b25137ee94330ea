"""A file through the picture: the same matte and the same background as in a meeting, for every frame."""

from __future__ import annotations

from eyeline.processing.container import FileKind, read_header
from eyeline.processing.errors import RenderError, SourceError
from eyeline.processing.picture import Picture
from eyeline.processing.render_job import MAX_PIXELS, RenderJob, RenderReport, ReportFrames, check_outputs
from eyeline.processing.render_picture import render_picture
from eyeline.processing.render_video import render_video

__all__ = ["RenderJob", "RenderReport", "ReportFrames", "check", "render"]


def check(job: RenderJob) -> FileKind:
    """Whether a job can be done, as far as can be told before any work: the source's kind.

    Raises:
        RenderError: The source is no picture or video, or an output does not fit it.
    """
    try:
        kind = read_header(job.source, max_pixels=MAX_PIXELS).kind
    except SourceError as error:
        raise _unreadable(error) from error
    check_outputs(job, kind)
    return kind


def render(picture: Picture, job: RenderJob, on_progress: ReportFrames = lambda _done, _of: None) -> RenderReport:
    """Render a file. Blocks until done; what is written appears whole or not at all.

    Args:
        picture: With effects applied, not in use elsewhere, and at `Pace.EXACT` so that results can be repeated.
        job: What to read and write.
        on_progress: Told after every frame.

    Raises:
        RenderError: The source cannot be read, or an output not be written.
        ModelError: No mask could be had.
    """
    kind = check(job)
    try:
        if kind is FileKind.VIDEO:
            return render_video(picture, job, on_progress)
        report = render_picture(picture, job)
    except SourceError as error:
        raise _unreadable(error) from error
    on_progress(report.frames, report.frames)
    return report


def _unreadable(error: SourceError) -> RenderError:
    return RenderError(error.message, hint="Give a picture or a video file.")
