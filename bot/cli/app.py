"""The command line as a whole: its commands, and how errors end."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from eyeline.bot.exit_codes import ExitCode, exit_code
from eyeline.config.errors import EyelineError

log = logging.getLogger(__name__)

app = App(
    name="eyeline",
    help="A stand-in for your camera: joins a meeting as you, with a processed picture.",
    version=lambda: version("eyeline"),
    suppress_keyboard_interrupt=False,
)
app.command("eyeline.bot.cli.join:join")
app.command("eyeline.bot.cli.preview:preview")
app.command("eyeline.bot.cli.camera:camera")
app.command("eyeline.bot.cli.serve:serve")
app.command("eyeline.bot.cli.ctl:app", name="ctl")
app.command("eyeline.bot.cli.render:render")
app.command("eyeline.bot.cli.calibrate:calibrate")
app.command("eyeline.bot.cli.bench:app", name="bench")
app.command("eyeline.bot.cli.backgrounds:app", name="backgrounds")
app.command("eyeline.bot.cli.models:app", name="models")
app.command("eyeline.bot.cli.config:app", name="config")
app.command("eyeline.bot.cli.doctor:doctor")


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Never raises and never shows a traceback: every end is a line and an exit code."""
    try:
        app(arguments, exit_on_error=False, print_error=False, result_action="return_none")
    except CycloptsError as error:
        return _complain(str(error), "Run: eyeline --help", ExitCode.USAGE)
    except EyelineError as error:
        return _complain(error.message, error.hint, exit_code(error))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        log.debug("the failure in full", exc_info=True)
        hint = "This is a bug: please report it, with what --log-level debug says."
        return _complain(f"Something went wrong inside: {type(error).__name__}: {error}", hint, ExitCode.INTERNAL)
    return ExitCode.OK


def _complain(message: str, hint: str, code: ExitCode) -> int:
    sys.stderr.write(f"eyeline: {' '.join(message.split())}{f' {hint}' if hint else ''}\n")
    return code
