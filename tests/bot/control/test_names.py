from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.bot.control.names import Match, match_name

NAMES = ("beach", "beacon", "Dusk", "peach")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("beach", Match("beach")),
        ("BEACH", Match("beach")),
        ("dusk", Match("Dusk")),
        ("d", Match("Dusk")),
        ("beac", Match(None, ("beach", "beacon"))),
        ("beech", Match(None, ("beach", "peach"))),
        ("nothing like it", Match(None)),
        ("", Match(None)),
    ],
)
def test_finds_what_was_meant(text: str, match: Match) -> None:
    assert match_name(text, NAMES) == match


def test_some_names_have_to_be_whole() -> None:
    assert match_name("dus", NAMES, whole=("dusk",)) == Match(None, ("Dusk",))
    assert match_name("dusk", NAMES, whole=("dusk",)) == Match("Dusk")


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=20))
def test_never_finds_what_is_not_there(text: str, names: list[str]) -> None:
    match = match_name(text, names)
    assert match.found is None or match.found in names
    assert set(match.meant) <= set(names)
