"""Drawing, learning and writing, in small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from eyeline.models.nets import eye_patch as patch
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.models.training.gaze import card
from eyeline.models.training.gaze.__main__ import main
from eyeline.models.training.gaze.batches import Noise, batches
from eyeline.models.training.gaze.eye_set import VIEWS, EyeSet, draw_set
from eyeline.models.training.gaze.trainer import Plan, loss_of, train


def silent(_done: int, _of: int) -> None:
    pass


@pytest.fixture(scope="module")
def eyes() -> EyeSet:
    return draw_set(77, 10, threads=2, report=silent)


def test_a_set_is_the_same_however_many_threads_draw_it(eyes: EyeSet) -> None:
    again = draw_set(77, 3, threads=1, report=silent)
    for name in EyeSet.__slots__:
        assert np.array_equal(getattr(again, name), getattr(eyes, name)[:3]), name


def test_views_of_one_eye_differ_in_the_gaze_alone(eyes: EyeSet) -> None:
    assert eyes.clean.shape == (10, VIEWS, 72, 64)
    apart = np.linalg.norm(eyes.iris[:, 0] - eyes.iris[:, 1], axis=1)
    assert apart.max() > 4
    corner = eyes.clean[:, :, 40:46, 2:10].astype(int)
    assert np.abs(corner - corner[:, :1]).max() <= 6, "skin far from the lids stays"


def test_pairs_hold_together(eyes: EyeSet) -> None:
    exact = Noise(0, 0, 0, 0)
    batch = next(batches(eyes, 8, np.random.default_rng(0), exact))
    assert batch.seen.shape == (8, patch.CHANNELS_IN, 24, 32)
    assert torch.isfinite(batch.seen).all()
    moved = batch.shift_px.abs().sum(dim=1) > 1
    changed = (batch.wanted_luma - batch.before_luma).abs().amax(dim=(1, 2, 3))
    assert (changed[moved] > 0.05).any()
    told = torch.stack((batch.seen[:, patch.SHIFT, 0, 0], batch.seen[:, patch.SHIFT + 1, 0, 0]), dim=1)
    assert torch.allclose(told * patch.SHIFT_RANGE_PX, batch.shift_px)


def test_a_short_run_learns_and_is_repeatable(eyes: EyeSet) -> None:
    told: list[int] = []
    plan = Plan(seed=5, steps=40, batch=8)
    one = train(eyes, plan, lambda step, _loss: told.append(step))
    other = train(eyes, plan, lambda _step, _loss: None)
    assert told == list(range(1, 41))
    for weight, same in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(weight, same)
    begun = train(eyes, Plan(seed=5, steps=1, batch=8), lambda _step, _loss: None)
    batch = next(batches(eyes, 64, np.random.default_rng(9), Noise()))
    with torch.inference_mode():
        before, after = (float(loss_of(net(batch.seen), batch)) for net in (begun, one))
    assert after < 0.9 * before


def test_the_command_writes_weights_and_their_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "_HELD_OUT_EYES", 12)
    main(["--out", str(tmp_path), "--eyes", "6", "--steps", "2", "--seed", "3"])
    told = capsys.readouterr().err
    assert "eyes drawn: 6 of 6" in told
    assert "step 2 of 2: loss" in told
    figures = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert figures["plan"]["seed"] == 3
    assert figures["held_out_luma_db"]["free"]["after"] > 10
    assert figures["sha256"] in (tmp_path / "README.md").read_text(encoding="utf-8")
    with LiteRtRuntime(tmp_path / "eye_flow.tflite") as runtime:
        assert runtime.input_shape == (2, 24, 32, patch.CHANNELS_IN)


@pytest.mark.parametrize("wrong", [("--eyes", "0"), ("--steps", "0"), ("--seed", "-1"), ("--steps", "many")])
def test_bad_wishes(wrong: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--out", str(tmp_path / "not-made"), *wrong])
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert not (tmp_path / "not-made").exists()
