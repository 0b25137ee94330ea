"""Judging mattes, from the set to the sheet."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import CLIPS, scene, write_clip

from eyeline.bot.bench.contact_sheet import write_contact_sheet
from eyeline.bot.bench.matte import MatteMethod, Opener, judge, means, methods
from eyeline.bot.bench.matte_metrics import Matte
from eyeline.bot.bench.matte_set import find_pairs
from eyeline.bot.weights import MaskWeights
from eyeline.models.store import default_directory
from eyeline.processing.errors import RenderError
from eyeline.processing.frame import I420Image


class Leftmost:
    """Takes the left half of everything for the person, and counts its frames."""

    def __init__(self, width: float = 0.5) -> None:
        self.frames = 0
        self._width = width

    def matte(self, image: I420Image) -> Matte:
        self.frames += 1
        matte = np.zeros((image.height_px, image.width_px), np.float32)
        matte[:, : round(image.width_px * self._width)] = 1
        return matte


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A still and a clip whose person is the left half."""
    true = (Leftmost().matte(I420Image.filled(64, 48, (90, 128, 128))) * 255).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "still.png"), np.full((48, 64, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "still_a.png"), true)
    white = I420Image.filled(64, 48, (16, 128, 128))
    white.y[:, :32] = 235
    write_clip(tmp_path / "clip.mp4", [I420Image.filled(64, 48, (90, 128, 128))] * 4)
    write_clip(tmp_path / "clip_a.mp4", [white] * 4)
    return tmp_path


def test_each_method_starts_afresh_for_each_pair(folder: Path):
    opened: list[Leftmost] = []

    def good() -> MatteMethod:
        opened.append(Leftmost())
        return opened[-1]

    openers: dict[str, Opener] = {"good": good, "bad": lambda: Leftmost(0.25)}
    judged = [judge(pair, openers) for pair in find_pairs(folder)]
    assert [method.frames for method in opened] == [4, 3]
    for one in judged:
        assert one.errors["good"].iou == 1
        assert one.errors["bad"].iou == pytest.approx(0.5)
    assert judged[0].errors["good"].dtssd == pytest.approx(0, abs=1e-4)
    assert judged[1].errors["good"].dtssd is None
    mean = means(judged)
    assert mean["good"].iou > mean["bad"].iou
    assert mean["bad"].dtssd is not None


def test_the_sheet_shows_every_pair_and_method(folder: Path, tmp_path: Path):
    judged = [judge(pair, {"good": Leftmost, "bad": lambda: Leftmost(0.25)}) for pair in find_pairs(folder)]
    write_contact_sheet(tmp_path / "sheet.png", judged)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    rows, columns = sheet.shape[0] // 2, sheet.shape[1] // 4
    green = (np.abs(sheet.astype(int) - (80, 200, 80)).max(axis=2) < 8).reshape(2, rows, 4, columns).mean(axis=(1, 3))
    assert (green[:, 0] == 0).all()
    assert (green[:, 1] > 0.2).all()
    np.testing.assert_allclose(green[:, 2], green[:, 1], atol=0.02)
    assert (green[:, 3] > 1.3 * green[:, 1]).all()
    with pytest.raises(RenderError):
        write_contact_sheet(tmp_path / "none" / "sheet.png", judged)


def weights() -> MaskWeights:
    folder = default_directory()
    found = MaskWeights(folder / "selfie_segmentation_landscape.tflite", folder / "selfie_segmentation.tflite")
    if not (found.finder.is_file() and found.closeup.is_file()):
        pytest.skip("the weights are not on this machine: eyeline models fetch")
    return found


def test_on_a_known_outline_the_real_methods_do_well(tmp_path: Path):
    image, true = scene(640, 360)
    cv2.imwrite(str(tmp_path / "s.png"), image.to_bgr())
    cv2.imwrite(str(tmp_path / "s_a.png"), np.rint(true * 255).astype(np.uint8))
    (pair,) = find_pairs(tmp_path)
    errors = judge(pair, methods(weights())).errors
    assert set(errors) == {"eyeline", "jitsi", "raw"}
    assert errors["eyeline"].iou > 0.95
    assert errors["eyeline"].grad < errors["jitsi"].grad


@pytest.mark.skipif(not CLIPS.is_dir(), reason="needs the pictures with known mattes beside the repository")
def test_eyeline_is_ahead_of_the_others_in_every_column():
    judged = [judge(pair, methods(weights())) for pair in find_pairs(CLIPS) if pair.group != "photos"]
    errors = means(judged)
    for other in ("jitsi", "raw"):
        assert errors["eyeline"].iou > errors[other].iou + 0.02
        assert errors["eyeline"].mad < 0.7 * errors[other].mad
        assert errors["eyeline"].band_mad < 0.75 * errors[other].band_mad
        assert errors["eyeline"].grad < 0.8 * errors[other].grad
        assert errors["eyeline"].dtssd < 0.8 * errors[other].dtssd
