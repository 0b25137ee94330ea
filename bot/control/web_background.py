"""A background from the web: fetched in a task beside everything else, whose end is told later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.web_picture.fetch import PictureFetcher
from eyeline.bot.web_picture.shelf import Shelf
from eyeline.config.errors import EyelineError
from eyeline.processing.effects import FileBackground

log = logging.getLogger(__name__)

Show = Callable[[FileBackground], Awaitable[Outcome]]
Tell = Callable[[Outcome], None]


class WebBackgrounds:
    """Fetches one picture at a time.

    Pictures stay for this run, so that they can be gone back to, and are deleted when it is closed. They are never put
    into the gallery.

    Args:
        fetcher: Fetches; `None` where pictures from the web are off.
    """

    def __init__(self, fetcher: PictureFetcher | None = None) -> None:
        self._fetcher = fetcher
        self._shelf = Shelf()
        self._task: asyncio.Task[None] | None = None

    def begin(self, url: str, show: Show, tell: Tell) -> Outcome:
        """Begin to fetch, if that may be; returns at once.

        Args:
            url: As somebody wrote it.
            show: Puts the picture behind the person.
            tell: Takes how it ended, unless it is closed before.

        Raises:
            WebPictureError: That URL is not gone to.
        """
        if self._fetcher is None:
            return Outcome.refused(
                Reason.NOT_ALLOWED, "Pictures from the web are off; the setting effects.url_backgrounds has them on."
            )
        if self._task is not None:
            return Outcome.refused(Reason.NOT_NOW, "A picture is being fetched already.")
        name = self._fetcher.check(url).host
        self._task = asyncio.create_task(self._run(self._fetcher, url, show, tell), name="web background")
        return Outcome.started(f"Fetching the picture from {name}.")

    async def close(self) -> None:
        """Give up what is being fetched, and delete all pictures."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await asyncio.to_thread(self._shelf.close)

    async def _run(self, fetcher: PictureFetcher, url: str, show: Show, tell: Tell) -> None:
        try:
            outcome = await self._outcome(fetcher, url, show)
        finally:
            self._task = None
        tell(outcome)

    async def _outcome(self, fetcher: PictureFetcher, url: str, show: Show) -> Outcome:
        try:
            path: Path = await asyncio.to_thread(self._shelf.put, await fetcher.fetch(url))
            return await show(FileBackground(path, title="a picture from the web"))
        except EyelineError as error:
            return Outcome.failed(error)
        except Exception:
            log.exception("a picture could not be fetched")
            return Outcome.refused(Reason.FAILED, "That failed for a reason of our own.")
