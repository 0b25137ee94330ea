"""`eyeline doctor`: what this machine can do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.cli.output import write_json, write_line
from eyeline.bot.doctor.diagnosis import Diagnosis, Level
from eyeline.bot.doctor.settings_files import patient_of
from eyeline.bot.doctor.topics import chosen, examine
from eyeline.config.errors import UsageError
from eyeline.config.logs import configure_logging


class UnfitError(UsageError):
    """Something is bad; it was told before."""

    code = "unfit"


def doctor(
    *topics: Annotated[str, Parameter(help="What to look at; nothing means all but zoom.")],
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")] = False,
    config: Annotated[Path | None, Parameter(help="Settings file instead of ./eyeline.toml.")] = None,
) -> None:
    """Say what this machine can do: each thing ok, warn or bad, why, and what to do next.

    Nothing is fetched, no camera is opened, and nothing leaves this machine. Only eyeline doctor zoom connects to
    Zoom's server, to see whether it can be reached, and tells it nothing.
    """
    wanted = chosen(topics)
    configure_logging("error")
    patient = patient_of(config)
    found: list[tuple[str, Diagnosis]] = []
    for topic in wanted:
        for diagnosis in examine(topic, patient):
            found.append((topic.name, diagnosis))
            if not as_json:
                write_line(line(diagnosis))
    levels = [diagnosis.level for _, diagnosis in found]
    if as_json:
        worst = next((level for level in (Level.BAD, Level.WARN) if level in levels), Level.OK)
        write_json({"level": worst.value, "checks": [{"topic": name, **one.as_json()} for name, one in found]})
    if Level.BAD in levels:
        names = ", ".join(one.what for _, one in found if one.level is Level.BAD)
        raise UnfitError(f"Eyeline cannot work here as it should: {names}.", hint="See the advice above.")


def line(diagnosis: Diagnosis) -> str:
    """One line for people."""
    text = f"{diagnosis.level.value:<4}  {diagnosis.what}: {diagnosis.why}"
    return f"{text} Next: {diagnosis.advice}" if diagnosis.advice else text
