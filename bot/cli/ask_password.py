"""Asking the person at the terminal for a room's password."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import threading
from typing import Any

from eyeline.integrations.jitsi.door import AskPassword


def password_asker(*, as_json: bool) -> AskPassword | None:
    """What asks for a password without showing it, where there is a person to ask: at a terminal, not for a program."""
    return None if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()) else _ask


async def _ask(why: str) -> str | None:
    """Ask in a thread that ends with the program: a person may never answer."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str | None] = loop.create_future()

    def settle(password: str | None) -> None:
        if not answered.done():
            answered.set_result(password)

    def read() -> None:
        try:
            password = getpass.getpass(f"{why} Password (empty gives up): ", stream=sys.stderr)
        except (EOFError, OSError):
            password = ""
        try:
            loop.call_soon_threadsafe(settle, password or None)
        except RuntimeError:  # the program has ended meanwhile
            return

    settings = _terminal_settings()
    threading.Thread(target=read, name="password", daemon=True).start()
    try:
        return await answered
    finally:
        _restore(settings)


def _terminal_settings() -> list[Any] | None:
    """How the terminal is set, where it is one of POSIX: a question that is given up would leave it without echo."""
    if os.name != "posix":
        return None
    import termios

    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):
        return None


def _restore(settings: list[Any] | None) -> None:
    if settings is None:
        return
    import termios

    termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, settings)
