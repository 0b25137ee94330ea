"""Messages of the bridge channel."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi_wire import frames, needs_recordings, patient

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.colibri import (
    MAX_MESSAGE_CHARS,
    EndpointConnectivityStatusChangeEvent,
    EndpointMessage,
    EndpointStats,
    ReceiverVideoConstraints,
    SenderSourceConstraints,
    ServerHello,
    SourceVideoTypeMessage,
    UnknownMessage,
    VideoConstraints,
    VideoSourcesMap,
    dump_message,
    parse_message,
)

FRAMES = [
    '{"colibriClass":"ServerHello"}',
    '{"colibriClass":"ServerHello","version":"2.3"}',
    '{"colibriClass":"SenderSourceConstraints", "sourceName":"abcd1234-v0", "maxHeight":720}',
    '{"colibriClass":"ForwardedSources","forwardedSources":["eeee5555-v0"]}',
    '{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"a","previousSpeakers":[],"silence":false}',
    '{"colibriClass":"ConnectionStats","estimatedDownlinkBandwidth":5097553}',
    '{"colibriClass":"EndpointStats","from":"a","bitrate":{"download":0},"connectionQuality":51.86363636363637,"serverRegion":null}',
    '{"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"a","active":"false"}',
    '{"colibriClass":"EndpointMessage","to":"a","from":"b","msgPayload":{"hello":1}}',
    '{"colibriClass":"EndpointMessage","msgPayload":null,"to":""}',
    '{"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"a-v0","owner":"a","ssrc":1,"rtx":2,"videoType":"CAMERA"}]}',
    '{"colibriClass":"AudioSourcesMap","mappedSources":[{"source":"a-a0","owner":"a","ssrc":1,"mid":"a0"}]}',
    '{"colibriClass":"ReceiverVideoConstraints","assumedBandwidthBps":-1,"lastN":-1}',
    '{"colibriClass":"ReceiverVideoConstraints","constraints":{"a-v0":{"maxHeight":180}},"onStageSources":[],"selectedSources":["a-v0"]}',
    '{"colibriClass":"SourceVideoTypeMessage","sourceName":"abcd1234-v0","videoType":"none"}',
]  # fmt: skip


@pytest.mark.parametrize("text", FRAMES)
def test_known_messages_come_back_as_they_were(text: str) -> None:
    message = parse_message(text)
    assert not isinstance(message, UnknownMessage)
    assert json.loads(dump_message(message)) == json.loads(text)


def test_unknown_classes_are_kept_whole() -> None:
    text = '{"colibriClass":"Tomorrow","deep":{"er":[1,2.5,null,true]},"colibri_class":"x"}'
    message = parse_message(text)
    assert isinstance(message, UnknownMessage)
    assert message.colibri_class == "Tomorrow"
    assert json.loads(dump_message(message)) == json.loads(text)


def test_fields_are_read() -> None:
    assert parse_message(FRAMES[2]) == SenderSourceConstraints(source_name="abcd1234-v0", max_height=720)
    event = parse_message(FRAMES[7])
    assert isinstance(event, EndpointConnectivityStatusChangeEvent)
    assert not event.is_active
    stats, chat, mapped = (parse_message(FRAMES[index]) for index in (6, 8, 10))
    assert isinstance(stats, EndpointStats)
    assert stats.from_ == "a"
    assert isinstance(chat, EndpointMessage)
    assert (chat.to, chat.from_, chat.msg_payload) == ("a", "b", {"hello": 1})
    assert isinstance(mapped, VideoSourcesMap)
    assert mapped.mapped_sources[0].ssrc == 1


def test_only_what_was_set_is_written() -> None:
    wishes = ReceiverVideoConstraints(last_n=-1, default_constraints=VideoConstraints(max_height=720))
    assert json.loads(dump_message(wishes)) == {
        "colibriClass": "ReceiverVideoConstraints",
        "lastN": -1,
        "defaultConstraints": {"maxHeight": 720},
    }
    assert json.loads(dump_message(SourceVideoTypeMessage(source_name="a-v0", video_type="camera"))) == {
        "colibriClass": "SourceVideoTypeMessage",
        "sourceName": "a-v0",
        "videoType": "camera",
    }
    assert json.loads(dump_message(ServerHello())) == {"colibriClass": "ServerHello"}
    assert json.loads(dump_message(EndpointMessage(to="a", msg_payload=1))) == {
        "colibriClass": "EndpointMessage",
        "to": "a",
        "msgPayload": 1,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "null",
        "[]",
        "{}",
        '{"colibriClass":7}',
        '{"colibriClass":["ServerHello"]}',
        '{"colibriClass":"SenderSourceConstraints"}',
        '{"colibriClass":"SenderSourceConstraints","sourceName":"a","maxHeight":"720"}',
        '{"colibriClass":"SenderSourceConstraints","source_name":"a","max_height":720}',
        '{"colibriClass":"ForwardedSources","forwardedSources":[1]}',
        '{"colibriClass":"SourceVideoTypeMessage","sourceName":"a","videoType":"x\\ny"}',
        '{"colibriClass":"X","a":' + "[" * 9000 + "]" * 9000 + "}",
        '{"colibriClass":"X","a":"' + "a" * MAX_MESSAGE_CHARS + '"}',
        '{"colibriClass":"ServerHello"',
        '{"colibriClass":"\\ud800"}',
    ],
)
def test_malformed_messages_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_message(text)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["sourceName", "maxHeight", "from", "to", "endpoint", "active", "lastN", "mappedSources", "x"])
NAMES = st.sampled_from(sorted({json.loads(text)["colibriClass"] for text in FRAMES})) | st.text()


@patient
@given(NAMES, st.dictionaries(KEYS, JSON))
def test_any_object_is_kept_whole_or_refused(name: str, fields: dict[str, object]) -> None:
    document = {"colibriClass": name} | fields
    try:
        message = parse_message(json.dumps(document))
    except ProtocolError:
        return
    assert json.loads(dump_message(message)) == document


@needs_recordings
def test_every_recorded_message_is_known_and_comes_back_as_it_was() -> None:
    texts = [frame.text for frame in frames("*/*colibri*.txt") if frame.text.startswith("{")]
    assert len(texts) > 1000
    for text in texts:
        message = parse_message(text)
        assert not isinstance(message, UnknownMessage), text
        assert json.loads(dump_message(message)) == json.loads(text)
