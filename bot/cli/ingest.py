"""The camera page beside a command, where a browser is the source."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eyeline.bot.cli.output import write_line
from eyeline.bot.events import Emit, IngestReady
from eyeline.bot.ingest import Ingest
from eyeline.bot.studio import StudioPlan
from eyeline.config.errors import UsageError
from eyeline.config.schema import IngestSettings
from eyeline.processing.sources.webrtc import IngestSession


class UnreadLinkError(UsageError):
    """A link that nobody would read."""

    code = "ingest_token"


def check_link_is_read(plan: StudioPlan, settings: IngestSettings, *, as_json: bool) -> None:
    """Make sure that whoever is to send can know the token: a program that reads events is not shown a link.

    Raises:
        UnreadLinkError: It could not.
    """
    if plan.from_browser and as_json and settings.token is None:
        raise UnreadLinkError(
            "With --json nobody is shown the link to the camera page.",
            hint="Give a token: in the environment as EYELINE_INGEST__TOKEN, or in the file of ingest.token_file.",
        )


@asynccontextmanager
async def ingest_page(session: IngestSession, settings: IngestSettings, *, emit: Emit) -> AsyncIterator[None]:
    """Serve the camera page where a browser is wanted. The link goes to standard output alone, never to the log.

    Raises:
        PagePortError: Its address cannot be used.
    """
    if not session.kinds:
        yield
        return
    async with Ingest(session, settings) as page:
        emit(IngestReady(page.url))
        if settings.token is None:
            write_line(f"Camera page: {page.link}  (for you alone: whoever has this link can be your camera)")
        yield
