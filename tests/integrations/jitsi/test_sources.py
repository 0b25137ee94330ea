"""Sources: the compact JSON and the model."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi_wire import patient

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.sources import MAX_SSRC, Source, VideoType, dump_sources, parse_sources

LINES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)


def compact(owner_lists: object, owner: str = "abcd1234") -> str:
    return json.dumps({"sources": {owner: owner_lists}})


def test_retransmissions_belong_to_what_they_repair() -> None:
    text = compact(
        [[{"s": 1, "n": "abcd1234-v0", "m": "s t"}, {"s": 2, "n": "abcd1234-v0", "m": "s t"}], [["f", 1, 2]]]
    )
    assert parse_sources(text) == (Source("abcd1234", "abcd1234-v0", 1, 2, MediaKind.VIDEO, "s t"),)


def test_of_simulcast_the_lowest_layer_is_the_source() -> None:
    streams = [{"s": ssrc, "n": "abcd1234-v0"} for ssrc in (1, 2, 3, 11, 12, 13)]
    groups = [["s", 1, 2, 3], ["f", 1, 11], ["f", 2, 12], ["f", 3, 13]]
    assert parse_sources(compact([streams, groups])) == (Source("abcd1234", "abcd1234-v0", 1, 11, MediaKind.VIDEO),)


@pytest.mark.parametrize("lists", [[], [[]], [[], []], [[], [], []], [[], [], [], []], [[], [], [], [], ["newer"]]])
def test_lists_at_the_end_may_be_missing_or_new(lists: list[object]) -> None:
    assert parse_sources(compact(lists)) == ()


def test_sound_and_desktops_are_told_apart() -> None:
    text = compact([[{"s": 1, "v": "d"}, {"s": 2, "v": "c"}, {"s": 3, "v": "x"}], [], [{"s": 4, "v": "d"}]])
    assert [(each.kind, each.video_type) for each in parse_sources(text)] == [
        (MediaKind.VIDEO, VideoType.DESKTOP),
        (MediaKind.VIDEO, VideoType.CAMERA),
        (MediaKind.VIDEO, None),
        (MediaKind.AUDIO, None),
    ]


def test_placeholders_are_flagged() -> None:
    bridge, person = parse_sources(compact([[{"s": 1}]], "jvb") + "")[0], parse_sources(compact([[{"s": 1}]]))[0]
    assert bridge.is_placeholder
    assert not person.is_placeholder


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"sources": []}',
        '{"sources": {"a": {}}}',
        compact([[{"n": "no ssrc"}]]),
        compact([[{"s": "1"}]]),
        compact([[{"s": 1.5}]]),
        compact([[{"s": True}]]),
        compact([[{"s": -1}]]),
        compact([[{"s": MAX_SSRC + 1}]]),
        compact([[{"s": 1, "n": 7}]]),
        compact([[{"s": 1, "n": "a\r\nb"}]]),
        compact([[{"s": 1}], [["f", 1, "2"]]]),
        compact([[{"s": 1}], [["z", 1, 2]]]),
        compact([[{"s": 1}], [[]]]),
        compact([[["f", 1, 2]]]),
        compact([], "a\nb"),
        '{"sources": {"a": ' + "[" * 5000 + "]" * 5000 + "}}",
    ],
)
def test_malformed_sources_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(ProtocolError, match="malformed sources") as caught:
        parse_sources(text)
    assert "\n" not in caught.value.message


SSRCS = st.lists(st.integers(0, MAX_SSRC), unique=True, max_size=12)


@st.composite
def sources(draw: st.DrawFn) -> tuple[Source, ...]:
    found: list[Source] = []
    ssrcs = draw(SSRCS)
    while ssrcs:
        ssrc = ssrcs.pop()
        kind = draw(st.sampled_from(MediaKind))
        desktop = kind is MediaKind.VIDEO and draw(st.booleans())
        rtx = ssrcs.pop() if ssrcs and draw(st.booleans()) else None
        video_type = VideoType.DESKTOP if desktop else None
        owner = draw(st.sampled_from(["abcd1234", "jvb", "eeee5555"]))
        found.append(Source(owner, draw(LINES), ssrc, rtx, kind, draw(LINES), video_type))
    return tuple(found)


@patient
@given(sources())
def test_what_is_written_is_read_again(given_sources: tuple[Source, ...]) -> None:
    assert set(parse_sources(dump_sources(given_sources))) == set(given_sources)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["s", "n", "m", "v", "x"]), inner),
    max_leaves=12,
)


@patient
@given(st.dictionaries(st.text(max_size=5), JSON) | JSON)
def test_any_json_is_read_or_refused(document: object) -> None:
    message = ""
    try:
        parse_sources(json.dumps({"sources": document}))
    except ProtocolError as error:
        message = error.message
    assert "\n" not in message
