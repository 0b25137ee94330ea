"""A bridge's process from its first to its last instruction."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from eyeline.integrations.zoom.bridge.codec import encode
from eyeline.integrations.zoom.bridge.control import ControlLink
from eyeline.integrations.zoom.bridge.glib import GLibLoop
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.machine import Bridge
from eyeline.integrations.zoom.bridge.messages import PROTOCOL_VERSION, CallRefused, Goodbye, Hello
from eyeline.integrations.zoom.bridge.pace import Pace
from eyeline.integrations.zoom.bridge.process import die_with_parent, end_within, fall_silent, leave_no_core

_LIBRARY_FILE = re.compile(r"lib[\w.+-]+\.so[\w.]*")


def serve(arguments: Sequence[str], load: Callable[[Loop], tuple[Any, str]], pace: Pace | None = None) -> NoReturn:
    """Be a bridge, and end.

    The interpreter's own way out would destroy the SDK's objects in an order that crashes it: there is none.

    Args:
        arguments: `--control`, `--wake` and `--sound`, each with an inherited descriptor.
        load: Gives the SDK and its version.
        pace: How long it takes for what.
    """
    status = 1
    try:
        die_with_parent()
        leave_no_core()
        parsed = _parse(arguments)
        fall_silent()
        _serve(parsed, load, pace or Pace())
        status = 0
    finally:
        os._exit(status)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bridge", description="Started by Eyeline, not by hand.")
    for name in ("control", "wake", "sound"):
        parser.add_argument(f"--{name}", type=int, required=True, metavar="FD")
    return parser.parse_args(arguments)


def _serve(parsed: argparse.Namespace, load: Callable[[Loop], tuple[Any, str]], pace: Pace) -> None:
    try:
        loop = GLibLoop()
        sdk, version = load(loop)
    except (ImportError, OSError) as error:
        _cannot_load(parsed.control, error)
        return
    control = ControlLink(parsed.control, loop)
    control.say(Hello(PROTOCOL_VERSION, version))
    bridge = Bridge(sdk, loop, control, wake=parsed.wake, sound=parsed.sound, pace=pace)
    bridge.run()
    end_within(pace.cleaning_s)
    with contextlib.suppress(Exception):
        bridge.clean_up()


def _cannot_load(control: int, error: ImportError | OSError) -> None:
    """Say which library the system lacks, or else the kind of error."""
    library = _LIBRARY_FILE.search(str(error))
    refused = CallRefused("import", library[0] if library else type(error).__name__)
    os.write(control, encode(Hello(PROTOCOL_VERSION, "")) + encode(refused) + encode(Goodbye()))
