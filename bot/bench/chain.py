"""The real picture, with matte and gaze, between a person and a viewer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eyeline.bot.bench.counter import BLOCK_PX, COLUMNS, FLASH_PX, ROWS
from eyeline.bot.bench.proxy import ProxyPlan, Rounds, Tell, bot_result, record
from eyeline.bot.weights import picture_spec
from eyeline.config.settings import load_settings
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.gaze_spec import parse_gaze
from eyeline.processing.picture import Picture
from eyeline.processing.worker.spec import PictureSpec


class CountedPicture(Picture):
    """A picture that carries the counter and the flash of what it was made of, whatever is put behind the person."""

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        """As `Picture.process`; the marks are copied over the result."""
        processed = super().process(frame)
        before, after = frame.image, processed.image
        if after is not before and after.size == before.size:
            after.y[: ROWS * BLOCK_PX, : COLUMNS * BLOCK_PX] = before.y[: ROWS * BLOCK_PX, : COLUMNS * BLOCK_PX]
            after.y[:FLASH_PX, -FLASH_PX:] = before.y[:FLASH_PX, -FLASH_PX:]
        return processed


def chain_spec() -> PictureSpec:
    """The picture as this machine's settings have it, with marks."""
    return replace(picture_spec(load_settings({}).settings), kind=CountedPicture)


def chain_effects(background: str, gaze: str) -> EffectState:
    """What is switched on.

    Raises:
        EffectError: One of them is not written as it must be.
    """
    return EffectState(parse_background(background), gaze=parse_gaze(gaze))


async def measure_chain(plan: ProxyPlan, tell: Tell) -> dict[str, Any]:
    """The direct path and the bot in turn.

    Raises:
        BenchError: A part of it failed.
    """
    rounds = Rounds()
    for number in range(plan.rounds):
        tell(f"round {number + 1} of {plan.rounds}")
        rounds.direct.append(await record(plan, None, plan.round_s))
        rounds.ours.append(await record(plan, plan.bot(), plan.round_s))
    if plan.rest_s:
        tell(f"the bot alone for {plan.rest_s:.0f} s")
        rounds.ours.append(await record(plan, plan.bot(), plan.rest_s))
    last = rounds.ours[-1].bot
    return {
        **bot_result(rounds),
        "fps_by_round": [len(each.passage.shown) / each.passage.seconds for each in rounds.ours],
        "tier": last["tier"],
        "gaze_status": last["gaze"],
        "stages_ms": last["stages_ms"],
    }
