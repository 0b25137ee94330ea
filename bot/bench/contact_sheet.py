"""All mattes of a benchmark on one sheet, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from eyeline.bot.bench.matte import Judged
from eyeline.bot.bench.matte_metrics import Matte
from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.partial_file import cannot_write, written_whole

_BOX_PX = (320, 180)
_MARGIN_PX = 6
_LINE_PX = 18
_GREEN = (80, 200, 80)
_PAPER, _INK = (250, 250, 250), (40, 40, 40)


def write_contact_sheet(path: Path, judged: Sequence[Judged]) -> None:
    """A row for each picture or clip: the frame, the true matte and every method's, before green.

    Args:
        path: A .png file; replaced when it exists.
        judged: At least one, all with the same methods.

    Raises:
        RenderError: It cannot be written.
    """
    sheet = np.vstack([_row(one) for one in judged])
    with written_whole(path) as partial:
        if not _written(partial, sheet):
            raise cannot_write(path, OSError("OpenCV cannot write it"))


def _written(path: Path, sheet: Plane) -> bool:
    try:
        return cv2.imwrite(str(path), sheet)
    except cv2.error:
        return False


def _row(judged: Judged) -> Plane:
    cells = [
        _cell(judged.frame, None, judged.pair.name),
        _cell(judged.frame, judged.truth, "truth"),
        *(
            _cell(judged.frame, matte, f"{name}  IoU {judged.errors[name].iou:.3f}  MAD {judged.errors[name].mad:.1f}")
            for name, matte in judged.mattes.items()
        ),
    ]
    return np.hstack(cells)


def _cell(frame: I420Image, matte: Matte | None, caption: str) -> Plane:
    scale = min(_BOX_PX[0] / frame.width_px, _BOX_PX[1] / frame.height_px)
    size = max(1, round(frame.width_px * scale)), max(1, round(frame.height_px * scale))
    bgr = frame.to_bgr()
    if matte is not None:
        bgr = np.asarray(bgr * matte[..., None] + np.array(_GREEN) * (1 - matte[..., None]), np.uint8)
    cell = np.full((_BOX_PX[1] + _LINE_PX + _MARGIN_PX, _BOX_PX[0] + _MARGIN_PX, 3), _PAPER, np.uint8)
    cell[_LINE_PX : _LINE_PX + size[1], : size[0]] = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    cv2.putText(cell, caption, (2, _LINE_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return cell
