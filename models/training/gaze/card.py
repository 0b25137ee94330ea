"""What is told of trained weights: data, figures, limits. Imports torch."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from eyeline.models.nets.eye_flow import EyeFlowNet
from eyeline.models.training.gaze.batches import Noise
from eyeline.models.training.gaze.eye_set import EyeSet, draw_set
from eyeline.models.training.gaze.trainer import Plan, psnr_db

_HELD_OUT_SEED, _HELD_OUT_EYES = 900_000_000, 96
_LANDMARKS = Noise(iris_px=0.5, lid_px=0.25, bias_px=0.0, radius=0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """One training.

    Args:
        plan: Of it.
        eyes: How many were drawn, with four gazes each.
        first_seed: Of the eyes.
        sha256: Of the file of weights.
        size_bytes: Of that file.
        cpu_s: CPU time of drawing and training, all threads together.
        wall_s: Time that passed.
    """

    plan: Plan
    eyes: int
    first_seed: int
    sha256: str
    size_bytes: int
    cpu_s: float
    wall_s: float


def write_card(folder: Path, net: EyeFlowNet, run: Run) -> None:
    """`card.json` for programs, `README.md` for people."""
    held_out = draw_set(_HELD_OUT_SEED, _HELD_OUT_EYES, threads=2, report=lambda _done, _of: None)
    open_before, open_after = psnr_db(net, _part(held_out, ~held_out.covered), _LANDMARKS, seed=0)
    covered_before, covered_after = psnr_db(net, _part(held_out, held_out.covered), _LANDMARKS, seed=0)
    told: dict[str, Any] = {
        "name": "eye-flow",
        "licence": "Apache-2.0",
        "sha256": run.sha256,
        "size_bytes": run.size_bytes,
        "parameters": sum(weight.numel() for weight in net.parameters()),
        "data": {"eyes": run.eyes, "views_of_each": 4, "first_seed": run.first_seed, "real_pictures": 0},
        "plan": asdict(run.plan),
        "held_out_luma_db": {
            "free": {"before": round(open_before, 2), "after": round(open_after, 2)},
            "covered": {"before": round(covered_before, 2), "after": round(covered_after, 2)},
            "landmark_noise_px": 0.5,
        },
        "cost": {"cpu_s": round(run.cpu_s), "wall_s": round(run.wall_s)},
        "made_with": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }
    (folder / "card.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(readme_of(told), encoding="utf-8")


def _part(eyes: EyeSet, which: NDArray[np.bool_]) -> EyeSet:
    return EyeSet(*(getattr(eyes, name)[which] for name in EyeSet.__slots__))


def readme_of(told: dict[str, Any]) -> str:
    """The card for people, from the one for programs."""
    return _TEXT.format(**told)


_TEXT = """# eye-flow

Turns an eye in a picture: from a small patch around the eye, its landmarks and the wanted shift of the iris it tells a
flow of pixels, their light, and where there is no eye and nothing may change. {parameters} parameters, {size_bytes}
bytes, Eyeline's own, {licence}, trained from nothing. SHA-256:
`{sha256}`.

## Data

{data[eyes]} eyes with {data[views_of_each]} gazes each, all drawn by `eyeline.models.training.gaze`; no photograph was
used. Skin of all six types of Fitzpatrick, irises from nearly black to pale, make-up, lashes, brows, wrinkles, glints,
uneven light, glasses with rims and glare, hands, things and hair before the eye, heads turned to 32 degrees and eyes to
30, blur, sharpening, noise and compression. Landmarks are off as a tracker's are. A pair shows one eye with two gazes,
and nothing else changed.

## Figures

Mean PSNR of luma against the truth, on drawn eyes that training did not see, with landmarks that are off by
{held_out_luma_db[landmark_noise_px]} px:

| | before | after |
|---|---|---|
| eyes with nothing before them | {held_out_luma_db[free][before]} dB | {held_out_luma_db[free][after]} dB |
| partly or wholly covered eyes | {held_out_luma_db[covered][before]} dB | {held_out_luma_db[covered][after]} dB |

These eyes are by the same hand that drew the lessons. `eyeline bench gaze --gaze-warper both` measures on clips.

## Limits

- A drawing is not a photograph: the white, lids and lashes of real eyes are richer, and nobody studied how it does on
  people of all ages, skins and shapes of eyes.
- Made for shifts of the iris up to a third of the eye's width, and for eyes that are open.
- On two clips an independent judge sees eyes as near to the camera as with the geometric warper; after large turns to
  the side a ghost of the old iris can stay, so that one is the default.
- It moves pixels and paints none: what a lid hid is made of what could be seen.

## Again

`python -m eyeline.models.training.gaze --out DIR` makes the same weights from the same seed, on the same kind of
machine with the same libraries (Python {made_with[python]}, torch {made_with[torch]}, numpy {made_with[numpy]});
elsewhere sums differ in their last digits, and so do weights. It took {cost[cpu_s]} s of CPU time for {plan[steps]}
steps of {plan[batch]} pairs.
"""
