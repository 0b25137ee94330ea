"""`eyeline serve`: waits, without a camera, to be sent into meetings over the REST interface."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.cli.claim_line import claim_teller
from eyeline.bot.cli.flags import StudioFlags
from eyeline.bot.cli.ingest import ingest_page
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.cli.rest import ApiTokenError, required_token, rest_interface
from eyeline.bot.events import BotEvent, Emit
from eyeline.bot.host import Host
from eyeline.bot.narrator import narrate
from eyeline.bot.steering import with_memory
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.weights import fetch_weights
from eyeline.config.errors import UsageError
from eyeline.config.schema import Settings

_TOKEN_BYTES = 24


class ListenError(UsageError):
    """That is no address to listen on."""

    code = "listen"


def serve(
    *,
    flags: StudioFlags | None = None,
    listen: str | None = None,
    token_file: Annotated[Path | None, Parameter(name="--token-file")] = None,
) -> None:
    """Wait to be sent into meetings by `eyeline ctl` or any program that has the token; Ctrl-C ends it.

    The camera is opened when a meeting is joined, and closed when it is left.

    Args:
        flags: What to show and how.
        listen: An address of this machine and a port, for example 127.0.0.1:8090; port 0 takes any free one.
        token_file: Holds the token that callers have to show; it is made where there is none.
    """
    host, port = _address(listen)
    if token_file is not None:
        _make_token(token_file)
    loaded = (flags or StudioFlags()).load(api__host=host, api__port=port, api__token_file=token_file)
    settings = loaded.settings
    required_token(settings.api)
    plan = with_memory(StudioPlan.of(settings), loaded)
    with download_progress() as report:
        fetch_weights(settings.models, report)
    run_until_interrupted(_wait(plan, settings))


async def _wait(plan: StudioPlan, settings: Settings) -> None:
    hub = EventHub()

    def emit(event: BotEvent) -> None:
        narrate(event)
        hub.publish(event)

    async with (
        Host(plan, settings, emit=emit, announce=claim_teller(settings), beside=_pages(settings, emit)) as host,
        rest_interface(host, hub, settings.api) as api,
    ):
        write_line(f"Listening: {api.url}  (Ctrl-C ends it)")
        await asyncio.Event().wait()


def _pages(settings: Settings, emit: Emit) -> Callable[[Studio], AbstractAsyncContextManager[None]]:
    """The camera page, where a browser is the source."""

    def pages(studio: Studio) -> AbstractAsyncContextManager[None]:
        return ingest_page(studio.ingest, settings.ingest, emit=emit)

    return pages


def _address(text: str | None) -> tuple[str | None, str | None]:
    """Host and port, for the settings to check."""
    if text is None:
        return None, None
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ListenError(f"{text!r} is no address with a port.", hint="Example: --listen 127.0.0.1:8090")
    return host.removeprefix("[").removesuffix("]"), port


def _make_token(path: Path) -> None:
    """Make the file for this user alone, where there is none."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_urlsafe(_TOKEN_BYTES)}\n")
    except FileExistsError:
        return
    except OSError as error:
        raise ApiTokenError(f"{path} cannot be made: {error.strerror}.", hint="Check the path.") from error
