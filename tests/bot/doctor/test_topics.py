"""Which subjects are looked at, and what becomes of a check that fails."""

from __future__ import annotations

import pytest

from eyeline.bot.doctor.diagnosis import Level, Patient, ok
from eyeline.bot.doctor.topics import TOPICS, Topic, TopicError, chosen, examine
from eyeline.processing.errors import SourceError


def quiet(_: Patient):
    yield ok("thing", "It is there.")


def failing(_: Patient):
    yield ok("first", "It is there.")
    raise SourceError("The second is gone.", hint="Bring it back.")


def broken(_: Patient):
    raise ZeroDivisionError("by zero")
    yield


def test_all_that_everybody_wants_and_no_more():
    topics = (Topic("a", quiet), Topic("zoom", quiet, only_when_asked=True), Topic("b", quiet))
    assert [topic.name for topic in chosen((), topics)] == ["a", "b"]
    assert [topic.name for topic in chosen(("zoom", "a"), topics)] == ["a", "zoom"]


def test_an_unknown_subject_is_refused_with_those_that_there_are():
    with pytest.raises(TopicError, match="tea") as refused:
        chosen(("ports", "tea"))
    assert all(topic.name in refused.value.hint for topic in TOPICS)


def test_names_are_told_apart():
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_a_check_that_fails_is_a_bad_line_after_what_it_found(ordinary: Patient):
    first, second = examine(Topic("things", failing), ordinary)
    assert first.level is Level.OK
    assert (second.level, second.what, second.advice) == (Level.BAD, "things", "Bring it back.")
    assert "gone" in second.why
    (bug,) = examine(Topic("things", broken), ordinary)
    assert bug.level is Level.BAD
    assert "ZeroDivisionError" in bug.why
