"""Which sources are received, and on which line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jitsi_wire import patient

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.remote_lines import MAX_RECEIVED, RemoteLines
from eyeline.integrations.jitsi.sources import Source


def camera(ssrc: int, owner: str = "eeee5555") -> Source:
    return Source(owner, f"{owner}-v{ssrc}", ssrc, None, MediaKind.VIDEO)


def test_only_what_is_wanted_of_others_gets_a_line() -> None:
    lines = RemoteLines("abcd1234", {MediaKind.VIDEO})
    sound = Source("eeee5555", "eeee5555-a0", 9, None, MediaKind.AUDIO)
    assert lines.add([camera(1, "jvb"), camera(2, "abcd1234"), sound, camera(3)]) == [0]
    assert [line.source.ssrc for line in lines.lines] == [3]


def test_a_source_has_one_line_until_it_goes() -> None:
    lines = RemoteLines("abcd1234", {MediaKind.VIDEO})
    assert lines.add([camera(1), camera(1)]) == [0]
    assert lines.add([camera(1)]) == []
    assert lines.remove([camera(1), camera(2)]) == [0]
    assert lines.remove([camera(1)]) == []
    assert lines.add([camera(1)]) == [1]
    assert [line.active for line in lines.lines] == [False, True]


def test_there_is_a_limit_to_what_is_received_at_once() -> None:
    lines = RemoteLines("abcd1234", {MediaKind.VIDEO})
    assert len(lines.add([camera(ssrc) for ssrc in range(MAX_RECEIVED + 5)])) == MAX_RECEIVED
    lines.remove([camera(0)])
    assert lines.add([camera(9999)]) == [MAX_RECEIVED]


@patient
@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 6), max_size=4)), max_size=12))
def test_lines_never_move(changes: list[tuple[bool, list[int]]]) -> None:
    lines = RemoteLines("abcd1234", {MediaKind.VIDEO})
    present: set[int] = set()
    for adds, ssrcs in changes:
        before = [line.source for line in lines.lines]
        (lines.add if adds else lines.remove)([camera(ssrc) for ssrc in ssrcs])
        present = present | set(ssrcs) if adds else present - set(ssrcs)
        assert [line.source for line in lines.lines][: len(before)] == before
        assert sorted(line.source.ssrc for line in lines.lines if line.active) == sorted(present)
    assert len(lines.remove_all()) == len(present)
    assert not any(line.active for line in lines.lines)
