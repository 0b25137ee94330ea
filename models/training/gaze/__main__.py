"""`python -m eyeline.models.training.gaze`: make the weights of the flow net of eyes anew, from a seed."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from eyeline.models.training.gaze.card import Run, write_card
from eyeline.models.training.gaze.export import tflite_of
from eyeline.models.training.gaze.eye_set import draw_set
from eyeline.models.training.gaze.trainer import Plan, train

EYES = 4000
FIRST_SEED = 1_000_000
WEIGHTS = "eye_flow.tflite"


def main(arguments: list[str] | None = None) -> None:
    """Draw, train, measure, write."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m eyeline.models.training.gaze", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("eye_flow"), help="folder for the weights and their card")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--eyes", type=int, default=EYES, help="how many to draw")
    parser.add_argument("--steps", type=int, default=plan.steps)
    asked = parser.parse_args(arguments)
    if asked.seed < 0 or asked.eyes < 1 or asked.steps < 1:
        parser.error("there must be at least one eye and one step, and no negative seed")
    begun_s, spent_s = time.monotonic(), time.process_time()
    asked.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(seed=asked.seed, steps=asked.steps)
    first = FIRST_SEED * (1 + asked.seed)
    eyes = draw_set(first, asked.eyes, threads=os.cpu_count() or 1, report=_progress("eyes drawn", asked.eyes))
    net = train(eyes, plan, _losses(asked.steps))
    content = tflite_of(net)
    (asked.out / WEIGHTS).write_bytes(content)
    run = Run(
        plan=plan,
        eyes=asked.eyes,
        first_seed=first,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        cpu_s=time.process_time() - spent_s,
        wall_s=time.monotonic() - begun_s,
    )
    write_card(asked.out, net, run)
    _say(f"{asked.out / WEIGHTS}: {run.sha256}, {run.cpu_s:.0f} s of CPU time, {run.wall_s:.0f} s in all\n")


def _progress(what: str, count: int) -> Callable[[int, int], None]:
    every = max(1, count // 20)

    def report(done: int, of: int) -> None:
        if done % every == 0 or done == of:
            _say(f"{what}: {done} of {of}\n")

    return report


def _losses(steps: int) -> Callable[[int, float], None]:
    every, losses = max(1, steps // 60), []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        if step % every == 0 or step == steps:
            _say(f"step {step} of {steps}: loss {sum(losses) / len(losses):.4f}\n")
            losses.clear()

    return report


def _say(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
