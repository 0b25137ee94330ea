"""What an examination gives: one line for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from eyeline.config.errors import EyelineError
from eyeline.config.settings import Settings, SettingsError


class Level(Enum):
    """How something is, the best first."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at.

    Args:
        level: How it is.
        what: Its name, always the same.
        why: What was found, in whole sentences.
        advice: What to do next; empty where nothing is to be done.
        figures: What was measured, for programs; names carry units.
    """

    level: Level
    what: str
    why: str
    advice: str = ""
    figures: Mapping[str, float | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """All of it, in what JSON knows."""
        return {
            "level": self.level.value,
            "what": self.what,
            "why": self.why,
            "advice": self.advice,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Args:
        settings: As they are in force here; the defaults where they have a fault.
        settings_fault: Why they cannot be read, if they cannot.
    """

    settings: Settings
    settings_fault: SettingsError | None = None


Check = Callable[[Patient], Iterable[Diagnosis]]
"""Looks at one subject. Blocks, for seconds at most; what it raises counts as bad."""


def ok(what: str, why: str, **figures: float | str) -> Diagnosis:
    """Something that is as it should be."""
    return Diagnosis(Level.OK, what, why, figures=figures)


def warn(what: str, why: str, advice: str, **figures: float | str) -> Diagnosis:
    """Something that Eyeline can do without, or bears badly."""
    return Diagnosis(Level.WARN, what, why, advice, figures)


def bad(what: str, why: str, advice: str, **figures: float | str) -> Diagnosis:
    """Something that Eyeline cannot do without."""
    return Diagnosis(Level.BAD, what, why, advice, figures)


def of_error(what: str, error: Exception) -> Diagnosis:
    """What a check raised."""
    if isinstance(error, EyelineError):
        return bad(what, error.message, error.hint)
    return bad(what, f"It could not be looked at: {type(error).__name__}: {error}.", "This is a bug: please report it.")
