"""`eyeline join`: a processed camera in a meeting."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.cli.ask_password import password_asker
from eyeline.bot.cli.claim_line import claim_teller
from eyeline.bot.cli.flags import StudioFlags
from eyeline.bot.cli.ingest import check_link_is_read, ingest_page
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.cli.rest import required_token, rest_interface
from eyeline.bot.events import BotEvent, to_json
from eyeline.bot.host import Host
from eyeline.bot.meetings import meeting_opener, meeting_room
from eyeline.bot.narrator import narrate
from eyeline.bot.preview import Preview
from eyeline.bot.steering import with_memory
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.weights import fetch_weights
from eyeline.config.schema import Settings

log = logging.getLogger(__name__)


def join(
    url: str,
    *,
    flags: StudioFlags | None = None,
    notice: str | None = None,
    wait: float | None = None,
    leave_when_alone: float | None = None,
    leave_at: str | None = None,
    password_file: Path | None = None,
    token_file: Path | None = None,
    insecure: Annotated[bool, Parameter(negative="")] = False,
    preview: Annotated[bool, Parameter(negative="")] = False,
    api: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Join a meeting with a processed camera; Ctrl-C leaves.

    The room's password, a token and the password of an account are read from EYELINE_MEETING__PASSWORD,
    EYELINE_JITSI__TOKEN, EYELINE_JITSI__PASSWORD or from files, never from a flag. At a terminal, a room that wants a
    password asks for it.

    Args:
        url: The room, for example https://meet.example.org/MyRoom; of a Zoom meeting the link, the invitation, or its
            number and passcode.
        flags: What to show and how.
        notice: Said in the chat when joining, so that others know; "" says nothing.
        wait: How many minutes to wait for people: a moderator, the lobby, a seat in a full room.
        leave_when_alone: Leave after so many minutes alone; 0 stays.
        leave_at: Leave at a time, such as 18:30 or 2030-01-31T18:30.
        password_file: A file with the password of the room, or with the passcode of the Zoom meeting.
        token_file: A file with the JWT to log in with.
        insecure: Check no certificate, which lets anybody in between follow; jitsi.ca_file is the better way.
        preview: Show the processed picture on a page of this machine, too.
        api: Serve the REST interface, too, for eyeline ctl; its token is as the settings say.
        as_json: Write every event to standard output as a line of JSON.
    """
    loaded = (flags or StudioFlags()).load(
        meeting__notice=notice,
        meeting__wait_min=wait,
        meeting__leave_when_alone_min=leave_when_alone,
        meeting__leave_at=leave_at,
        meeting__password_file=password_file,
        jitsi__token_file=token_file,
        jitsi__insecure=insecure or None,
        api__enabled=api or None,
    )
    settings = loaded.settings
    meeting_room(url)
    plan = with_memory(StudioPlan.of(settings), loaded)
    check_link_is_read(plan, settings.ingest, as_json=as_json)
    with download_progress() as report:
        fetch_weights(settings.models, report)
    if settings.api.enabled:
        required_token(settings.api)
    run_until_interrupted(_stay(url, plan, settings, preview=preview, as_json=as_json))


async def _stay(url: str, plan: StudioPlan, settings: Settings, *, preview: bool, as_json: bool) -> None:
    hub = EventHub()

    def emit(event: BotEvent) -> None:
        narrate(event)
        hub.publish(event)
        if as_json:
            write_line(to_json(event))

    @asynccontextmanager
    async def pages(studio: Studio) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(ingest_page(studio.ingest, settings.ingest, emit=emit))
            if preview:
                page = Preview(studio, host.control, host=settings.preview.host, port=settings.preview.port)
                await stack.enter_async_context(page)
                log.info("preview: %s", page.url)
            if not studio.has_sound:
                log.info("no sound is sent (--audio microphone sends it)")
            yield

    async with (
        Host(
            plan,
            settings,
            emit=emit,
            announce=claim_teller(settings),
            beside=pages,
            opener_of=partial(meeting_opener, ask_password=password_asker(as_json=as_json)),
        ) as host,
        rest_interface(host, hub, settings.api) if settings.api.enabled else nullcontext(),
    ):
        await host.ended(host.join(url))
