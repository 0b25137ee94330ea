"""Starting the bridge process, with as little as it needs."""

from __future__ import annotations

import asyncio
import os
import site
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eyeline.config.errors import MediaError
from eyeline.integrations.zoom.channels import BridgeChannels
from eyeline.integrations.zoom.home import PrivateHome

BRIDGE_COMMAND: Final = (sys.executable, "-P", "-m", "eyeline.integrations.zoom.bridge")

_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


class BridgeStartError(MediaError):
    """This machine does not let us start the bridge process."""

    code = "bridge_start"


def made_home() -> PrivateHome:
    """A home for the SDK; blocks for a moment.

    Raises:
        BridgeStartError: There is no place for it.
    """
    try:
        return PrivateHome.make()
    except OSError as error:
        raise BridgeStartError(
            f"There is no place for the files of Zoom's SDK: {error.strerror}.", hint="Free space in $TMPDIR."
        ) from error


def made_channels() -> BridgeChannels:
    """What connects us.

    Raises:
        BridgeStartError: There are too many open files.
    """
    try:
        return BridgeChannels()
    except OSError as error:
        raise BridgeStartError(f"The bridge to Zoom cannot be connected: {error.strerror}.") from error


async def started(command: Sequence[str], channels: BridgeChannels, home: Path) -> asyncio.subprocess.Process:
    """Start it; nothing that is secret is in its arguments or its environment.

    Args:
        command: Is given `--control`, `--wake` and `--sound` with a descriptor each.
        channels: Whose far ends it gets.
        home: Instead of the person's.

    Raises:
        BridgeStartError: There is no such program, or it cannot be run.
    """
    control, wake, sound = channels.far_ends
    try:
        return await asyncio.create_subprocess_exec(
            *(*command, "--control", str(control), "--wake", str(wake), "--sound", str(sound)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(home),
            cwd=home,
            pass_fds=(control, wake, sound),
            start_new_session=True,  # Ctrl-C is for us: we leave the meeting, and then end it
        )
    except OSError as error:
        raise BridgeStartError(
            f"The bridge to Zoom cannot be started: {error.strerror}.", hint="eyeline doctor zoom"
        ) from error


def _environment(home: Path) -> dict[str, str]:
    """Little, and nothing of ours: what a process was given can be read by others of the same user."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["HOME"] = str(home)
    if places := os.environ.get("PYTHONPATH"):
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(each).absolute()) for each in places.split(os.pathsep))
    if site.ENABLE_USER_SITE:
        environment["PYTHONUSERBASE"] = site.getuserbase()  # which Python looks for in HOME otherwise
    return environment
