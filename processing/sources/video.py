"""Any video source that we open, kept alive."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.camera import CameraReader
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.pattern import PatternReader
from eyeline.processing.sources.reader import FrameReader
from eyeline.processing.sources.retry import DEFAULT_POLICY, RetryPolicy
from eyeline.processing.sources.spec import CameraSpec, FileSpec, OpenedVideoSpec, PatternSpec, StreamSpec
from eyeline.processing.sources.state import SourceState
from eyeline.processing.sources.stream import StreamReader
from eyeline.processing.sources.supervised import Supervised
from eyeline.processing.sources.video_file import VideoFileReader


class VideoSource(Supervised[CapturedFrame]):
    """Delivers frames from entering to leaving, whatever happens to the device behind it.

    Args:
        spec: Which source.
        width_px: The widest picture wanted; a smaller one is not enlarged.
        height_px: The highest picture wanted.
        fps: The most frames per second.
        on_frame: Takes every frame, in the source's thread; must not block.
        on_state: Takes every change of state, in the event loop.
        policy: Time limits.
    """

    def __init__(
        self,
        spec: OpenedVideoSpec,
        *,
        width_px: int,
        height_px: int,
        fps: int,
        on_frame: Callable[[CapturedFrame], None],
        on_state: Callable[[SourceState], None] = lambda _: None,
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        box = Box(width_px, height_px, fps)
        super().__init__(
            _in_words(spec), lambda: video_reader(spec, box), on_item=on_frame, on_state=on_state, policy=policy
        )


def video_reader(spec: OpenedVideoSpec, box: Box) -> FrameReader:
    """The reader of a source, not yet open."""
    match spec:
        case CameraSpec(device):
            return CameraReader(device, box)
        case PatternSpec():
            return PatternReader(box)
        case FileSpec(path):
            return VideoFileReader(path, box)
        case StreamSpec():
            return StreamReader(spec, box)


def _in_words(spec: OpenedVideoSpec) -> str:
    match spec:
        case CameraSpec(device):
            return f"The camera {device}".rstrip()
        case PatternSpec():
            return "The test pattern"
        case FileSpec(path):
            return f"The file {path.name}"
        case StreamSpec():
            return f"The stream {spec}"
