"""Errors cross to another process whole."""

from __future__ import annotations

import pickle

import pytest

from eyeline.config.errors import EyelineError
from eyeline.integrations.jitsi.errors import StanzaError
from eyeline.models.errors import MissingModelError
from eyeline.processing.errors import BackgroundError


def every_kind(kind: type[EyelineError] = EyelineError) -> list[type[EyelineError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_kind(below))]


@pytest.mark.parametrize("kind", [kind for kind in every_kind() if kind.__init__ is EyelineError.__init__])
def test_pickled(kind: type[EyelineError]) -> None:
    restored = pickle.loads(pickle.dumps(kind("It failed.", hint="Try again.")))
    assert type(restored) is kind
    assert (restored.code, restored.message, restored.hint) == (kind.code, "It failed.", "Try again.")
    assert str(restored) == "It failed. Try again."
    assert restored.args == ("It failed.",)


def test_one_with_arguments_of_its_own() -> None:
    error = StanzaError("cancel", "not-allowed", "no", number="405")
    restored = pickle.loads(pickle.dumps(error))
    assert vars(restored) == vars(error)
    assert str(restored) == str(error)


def test_they_are_different_kinds() -> None:
    assert {MissingModelError, BackgroundError} <= set(every_kind())
