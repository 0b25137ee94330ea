"""Eyes before and after on one sheet, to look at: the eye is the last judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from eyeline.bot.bench.gaze import Pair
from eyeline.processing.frame import Plane
from eyeline.processing.partial_file import cannot_write, written_whole

_CELL_PX = (640, 236)
_COLUMNS, _MAX_CELLS = 3, 18
_HALF_MM = (60.0, 22.0)
_INK = (60, 230, 250)
_BETWEEN_EYES = 168  # of the mesh
_PAPER = 250


def write_gaze_sheet(path: Path, pairs: Sequence[Pair]) -> None:
    """The eyes of frames from all over a clip, each before above after.

    Args:
        path: A .png file; replaced when it exists.
        pairs: In order; of none, the sheet is blank.

    Raises:
        RenderError: It cannot be written.
    """
    step = max(1, -(-len(pairs) // _MAX_CELLS))
    cells = [_cell(pair) for pair in pairs[::step]]
    blank = np.full((2 * _CELL_PX[1] + 6, _CELL_PX[0] + 6, 3), _PAPER, np.uint8)
    cells += [blank] * (-len(cells) % _COLUMNS or (0 if cells else _COLUMNS))
    sheet = np.vstack([np.hstack(cells[i : i + _COLUMNS]) for i in range(0, len(cells), _COLUMNS)])
    with written_whole(path) as partial:
        try:
            written = cv2.imwrite(str(partial), sheet)
        except cv2.error:
            written = False
        if not written:
            raise cannot_write(path, OSError("OpenCV cannot write it"))


def _cell(pair: Pair) -> Plane:
    cell = np.full((2 * _CELL_PX[1] + 6, _CELL_PX[0] + 6, 3), _PAPER, np.uint8)
    for row, frame in enumerate((pair.before, pair.after)):
        top = row * _CELL_PX[1]
        cell[top : top + _CELL_PX[1], : _CELL_PX[0]] = _eyes(pair, frame)
    judged = f"  {pair.judged[0].angle_degrees:.0f} > {pair.judged[1].angle_degrees:.0f} degrees" if pair.judged else ""
    cv2.putText(cell, f"{pair.index}{judged}", (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
    return cell


def _eyes(pair: Pair, frame: Plane) -> Plane:
    x, y = (float(value) for value in pair.estimate.mesh[_BETWEEN_EYES, :2])
    scale = _CELL_PX[0] / (2 * _HALF_MM[0] * pair.estimate.head.px_per_mm)
    move = np.array([[scale, 0, _CELL_PX[0] / 2 - x * scale], [0, scale, _CELL_PX[1] / 2 - y * scale]], np.float32)
    return np.asarray(cv2.warpAffine(frame, move, _CELL_PX, flags=cv2.INTER_CUBIC), np.uint8)
