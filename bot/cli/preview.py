"""`eyeline preview`: the processed picture on a page of this machine."""

from __future__ import annotations

import asyncio
import logging
import webbrowser

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
from eyeline.config.settings import OriginKind
from eyeline.processing.sources.devices import best_video_source

log = logging.getLogger(__name__)


def preview(
    *,
    flags: StudioFlags | None = None,
    port: int | None = None,
    browser: bool = True,
) -> None:
    """Show the processed picture on a page of this machine, without a meeting; Ctrl-C ends it.

    Without a source it takes the camera where there is one, and a test pattern where there is none.

    Args:
        flags: What to show and how.
        port: Where the page is; 0 takes any free port.
        browser: Open the page in the browser.
    """
    flags = flags or StudioFlags()
    loaded = flags.load(preview__port=port)
    if loaded.origins["video.source"].kind is OriginKind.DEFAULT:
        loaded = flags.load(preview__port=port, video__source=best_video_source())
    settings = loaded.settings
    plan = StudioPlan.of(settings)
    with download_progress() as report:
        fetch_weights(settings.models, report)
    run_until_interrupted(_show(plan, settings, browser))


async def _show(plan: StudioPlan, settings: Settings, browser: bool) -> None:
    async with (
        Studio(plan, settings, emit=narrate) as studio,
        ingest_page(studio.ingest, settings.ingest, emit=narrate),
        Preview(
            studio, Control(studio, People(), emit=narrate), host=settings.preview.host, port=settings.preview.port
        ) as page,
    ):
        write_line(f"Preview: {page.url}  (Ctrl-C ends it)")
        if browser:
            await asyncio.to_thread(webbrowser.open, page.url)
        await asyncio.Event().wait()
