"""`eyeline camera`: the processed picture as a camera that any program can choose."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.cli.flags import StudioFlags
from eyeline.bot.cli.ingest import ingest_page
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People
from eyeline.bot.narrator import narrate
from eyeline.bot.preview import Preview
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.weights import fetch_weights
from eyeline.config.schema import Settings
from eyeline.processing.card import StillCard
from eyeline.processing.virtual_camera import VirtualCamera, apart_from

log = logging.getLogger(__name__)


def camera(
    *,
    flags: StudioFlags | None = None,
    on: str | None = None,
    preview: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Show the processed picture on a virtual camera, for Zoom's own client and every other program; Ctrl-C ends it.

    Linux has virtual cameras by v4l2loopback, macOS and Windows by OBS. There is no sound: choose the microphone in the
    other program. Needs the extra eyeline[camera].

    Args:
        flags: What to show and how.
        on: Which virtual camera, such as /dev/video4; without it, the first one.
        preview: Show the processed picture on a page of this machine, too, which also changes the background.
    """
    settings = (flags or StudioFlags()).load(virtual_camera__device=on).settings
    run_until_interrupted(_show(StudioPlan.of(settings), settings, preview=preview))


async def _show(plan: StudioPlan, settings: Settings, *, preview: bool) -> None:
    video = settings.video
    size_px = (video.width_px, video.height_px)
    out = VirtualCamera(
        StillCard(settings.meeting.name), size_px=size_px, fps=video.fps, device=settings.virtual_camera.device
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(out)  # before weights are fetched and a camera's light goes on
        source = await asyncio.to_thread(apart_from, plan.video, out.device)
        with download_progress() as report:
            await asyncio.to_thread(fetch_weights, settings.models, report)
        studio = Studio(replace(plan, video=source), settings, emit=narrate)
        shown = await stack.enter_async_context(out.showing(studio.video))
        await stack.enter_async_context(studio)
        await stack.enter_async_context(ingest_page(studio.ingest, settings.ingest, emit=narrate))
        if preview:
            control = Control(studio, People(), emit=narrate)
            page = Preview(studio, control, host=settings.preview.host, port=settings.preview.port)
            write_line(f"Preview: {(await stack.enter_async_context(page)).url}")
        write_line(f"Virtual camera: {out.device}, {size_px[0]}x{size_px[1]}  (Ctrl-C ends it)")
        await shown
