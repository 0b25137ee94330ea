"""Pictures and clips whose true mattes are known: `X` beside `X_a`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eyeline.bot.bench.matte_metrics import Matte
from eyeline.config.errors import UsageError
from eyeline.processing.container import FileKind, read_header
from eyeline.processing.decode import decode_video
from eyeline.processing.frame import I420Image
from eyeline.processing.picture_file import picture_image, read_picture

MAX_PIXELS = 40_000_000
_MARK = "_a"
_SHOWN = 3  # times that a picture is shown, so that what settles has settled
_BLACK, _RANGE = 16, 219  # of limited-range luma


class MatteSetError(UsageError):
    """A folder that holds no pair, or a pair that does not fit."""

    code = "matte_set"


@dataclass(frozen=True, slots=True)
class MattePair:
    """One picture or clip and its true matte.

    Args:
        name: Its path inside the set, without the ending.
        group: The folder inside the set that holds it; empty for the set itself.
        kind: Picture or video.
        source: The picture or clip.
        truth: Its matte.
    """

    name: str
    group: str
    kind: FileKind
    source: Path
    truth: Path

    def frames(self) -> Iterator[tuple[I420Image, Matte]]:
        """Frames with their true mattes; a picture comes several times, as if the person sat still.

        Raises:
            MatteSetError: The two differ in size or length.
            SourceError: One of them cannot be read.
        """
        frames = self._clip() if self.kind is FileKind.VIDEO else self._picture()
        for image, matte in frames:
            if matte.shape != (image.height_px, image.width_px):
                raise MatteSetError(f"{self.truth} is not as large as {self.source.name}.")
            yield image, matte

    def _picture(self) -> Iterator[tuple[I420Image, Matte]]:
        image = picture_image(read_picture(self.source, max_pixels=MAX_PIXELS))
        bgr = read_picture(self.truth, max_pixels=MAX_PIXELS)
        odd = bgr.shape[0] % 2, bgr.shape[1] % 2
        even = np.pad(bgr[..., 0], ((0, odd[0]), (0, odd[1])), mode="edge")
        for _ in range(_SHOWN):
            yield image, even.astype(np.float32) / np.float32(255)

    def _clip(self) -> Iterator[tuple[I420Image, Matte]]:
        frames = decode_video(self.source, max_pixels=MAX_PIXELS)
        mattes = decode_video(self.truth, max_pixels=MAX_PIXELS)
        try:
            for frame, matte in zip(frames, mattes, strict=True):
                luma = matte.image.y.astype(np.float32)
                yield frame.image, np.clip((luma - _BLACK) / np.float32(_RANGE), 0, 1)
        except ValueError as error:
            raise MatteSetError(f"{self.truth} has not as many frames as {self.source.name}.") from error


def find_pairs(folder: Path) -> list[MattePair]:
    """All pairs in a folder and the folders in it, sorted by name.

    Raises:
        MatteSetError: There is none.
        SourceError: One of the files is neither picture nor video.
    """
    pairs = []
    for truth in sorted(folder.rglob(f"*{_MARK}.*")) if folder.is_dir() else []:
        stem = truth.stem.removesuffix(_MARK)
        source = next((path for path in sorted(truth.parent.glob(f"{stem}.*")) if path.stem == stem), None)
        if source is not None:
            kind = read_header(source, max_pixels=MAX_PIXELS).kind
            group = truth.parent.relative_to(folder).as_posix().removeprefix(".")
            pairs.append(MattePair(source.relative_to(folder).with_suffix("").as_posix(), group, kind, source, truth))
    if not pairs:
        raise MatteSetError(
            f"There is no picture or clip with a matte in {folder}.",
            hint="Put the true matte of NAME.jpg or NAME.mp4 beside it, as NAME_a.png or NAME_a.mp4.",
        )
    return pairs
