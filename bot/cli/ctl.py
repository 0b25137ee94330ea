"""`eyeline ctl`: steers a running Eyeline from the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
from cyclopts import App, Parameter

from eyeline.bot.api.operation import ROOT
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_json, write_line
from eyeline.bot.control.commands import COMMANDS, Command, Leave, Panic, SetBlur, Status, Undo
from eyeline.config.errors import NetworkError, RefusedError, UsageError
from eyeline.config.settings import load_settings

_TIMEOUT_S = 30.0
_CONNECT_TIMEOUT_S = 5.0
_PREFIX = "data: "

app = App(name="ctl", help="Steer a running Eyeline (eyeline serve, or eyeline join with api.enabled).")


class ControlRefusedError(RefusedError):
    """The running Eyeline did not do it."""

    code = "command"


class UnreachableError(NetworkError):
    """There is no running Eyeline, or it went away."""

    code = "unreachable"


class CommandFormError(UsageError):
    """That is no command."""

    code = "command_form"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Where:
    """Which running Eyeline, and how it knows us; what is not given comes from the settings."""

    port: Annotated[int | None, Parameter(help="Where it listens on this machine.")] = None
    token_file: Annotated[Path | None, Parameter(help="Holds its token; EYELINE_API__TOKEN does as well.")] = None
    config: Annotated[Path | None, Parameter(help="Settings file instead of ./eyeline.toml.")] = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A session with the running program.

        Raises:
            SettingsError: A setting is not allowed.
            CommandFormError: There is no token.
            UnreachableError: Nobody answers, within the block.
        """
        flags = {"api.port": self.port, "api.token_file": self.token_file}
        api = load_settings(flags, project_file=self.config).settings.api
        if api.token is None:
            raise CommandFormError("There is no token to show.", hint="Give --token-file, or set EYELINE_API__TOKEN.")
        host = f"[{api.host}]" if ":" in api.host else api.host
        headers = {"Authorization": f"Bearer {api.token.get_secret_value()}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S)
        try:
            async with aiohttp.ClientSession(
                f"http://{host}:{api.port}", headers=headers, timeout=timeout, trust_env=False
            ) as session:
                yield session
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(
                f"No running Eyeline answers on {host}:{api.port}.", hint="Start one: eyeline serve"
            ) from error


@app.command
def status(*, where: Where | None = None) -> None:
    """Tell what is done to picture and sound."""
    _command(Status(), where)


@app.command
def bg(background: str, *, where: Where | None = None) -> None:
    """Change the background: none, blur, blur:1-100, color:#rrggbb, or a name of the gallery."""
    asyncio.run(_patch({"background": background}, where or Where()))


@app.command
def blur(strength: int | None = None, *, where: Where | None = None) -> None:
    """Blur the room; 1 to 100."""
    _command(_made({"kind": SetBlur.model_fields["kind"].default, "strength": strength}), where)


@app.command
def panic(*, where: Where | None = None) -> None:
    """Show the card, now."""
    _command(Panic(), where)


@app.command
def undo(*, where: Where | None = None) -> None:
    """Take back the last change of the picture."""
    _command(Undo(), where)


@app.command
def join(url: str, *, where: Where | None = None) -> None:
    """Join a meeting."""
    asyncio.run(_join(url, where or Where()))


@app.command
def leave(*, where: Where | None = None) -> None:
    """Leave the meeting."""
    _command(Leave(), where)


@app.command(name="do")
def do_command(command: str, *, where: Where | None = None) -> None:
    """Do any command, as JSON: '{"kind": "video", "on": true}'."""
    try:
        value = json.loads(command)
    except ValueError as error:
        raise CommandFormError(f"That is no JSON: {error}.", hint='Example: \'{"kind": "status"}\'') from error
    _command(_made(value), where)


@app.command
def events(*, where: Where | None = None) -> None:
    """Write every event as a line of JSON until Ctrl-C."""
    run_until_interrupted(_events(where or Where()))


def _made(value: object) -> Command:
    try:
        return COMMANDS.validate_python(value)
    except ValueError as error:
        raise CommandFormError("That is no command.", hint='Example: \'{"kind": "status"}\'') from error


def _command(command: Command, where: Where | None) -> None:
    asyncio.run(_post(command, where or Where()))


async def _post(command: Command, where: Where) -> None:
    async with where.session() as session:
        outcome = await _ask(session, "POST", "/commands", command.model_dump(mode="json"))
    write_line(outcome["message"])


async def _patch(patch: dict[str, Any], where: Where) -> None:
    async with where.session() as session:
        report = await _ask(session, "PATCH", "/effects", patch)
    write_line(f"Background: {report['background']}.")


async def _join(url: str, where: Where) -> None:
    async with where.session() as session:
        write_json(await _ask(session, "POST", "/meetings", {"url": url}))


async def _events(where: Where) -> None:
    async with where.session() as session, session.get(f"{ROOT}/events") as response:
        await _check(response)
        async for line in response.content:
            text = line.decode().rstrip()
            if text.startswith(_PREFIX):
                write_line(text.removeprefix(_PREFIX))


async def _ask(session: aiohttp.ClientSession, method: str, path: str, body: object) -> dict[str, Any]:
    async with asyncio.timeout(_TIMEOUT_S), session.request(method, f"{ROOT}{path}", json=body) as response:
        await _check(response)
        answered: dict[str, Any] = await response.json()
        return answered


async def _check(response: aiohttp.ClientResponse) -> None:
    if response.ok:
        return
    problem = await response.json(content_type=None)
    detail = problem.get("detail", "") if isinstance(problem, dict) else ""
    suggestions = ", ".join(problem.get("suggestions", ())) if isinstance(problem, dict) else ""
    hint = f"Did you mean {suggestions}?" if suggestions else problem.get("hint", "")
    raise ControlRefusedError(detail or f"It answered {response.status}.", hint=hint)
