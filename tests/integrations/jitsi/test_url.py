from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.integrations.errors import MeetingUrlError
from eyeline.integrations.jitsi.url import JitsiUrl, is_loopback


@pytest.mark.parametrize(
    ("text", "host", "port", "tenant", "room"),
    [
        ("https://meet.example.org/MyRoom", "meet.example.org", None, "", "myroom"),
        ("meet.example.org/MyRoom", "meet.example.org", None, "", "myroom"),
        ("  https://Meet.Example.org:8443/acme/Daily  ", "meet.example.org", 8443, "acme", "daily"),
        ("https://meet.example.org/My%20Room#config.startWithAudioMuted=true", "meet.example.org", None, "", "my room"),
        ("https://meet.example.org/Gr%C3%B6%C3%9Fe/", "meet.example.org", None, "", "größe"),
        ("http://localhost:8000/lab", "localhost", 8000, "", "lab"),
        ("http://[::1]:8000/lab", "::1", 8000, "", "lab"),
    ],
)
def test_takes_a_url_apart(text: str, host: str, port: int | None, tenant: str, room: str) -> None:
    url = JitsiUrl.parse(text)
    assert (url.host, url.port, url.tenant, url.room) == (host, port, tenant, room)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "host"),
        ("https://meet.example.org", "no room"),
        ("https://meet.example.org/", "no room"),
        ("https://meet.example.org/a/b/c", "path parts"),
        ("https://meet.example.org/who@where", "@"),
        ("https://meet.example.org/a:b", ":"),
        ("https://meet.example.org/a%2Fb", "/"),
        ("https://meet.example.org/a%00b", r"\x00"),
        ("https://meet.example.org/%ff", "UTF-8"),
        ("https://meet.example.org/%20", "characters"),
        ("https://meet.example.org:99999/a", "Port"),
        ("https://user:secret@meet.example.org/a", "host"),
        ("ftp://meet.example.org/a", "https"),
        ("http://meet.example.org/a", "unencrypted"),
        ("https://[::1/a", "URL"),
        ("https://meet.example.org/a?jwt=%20", "token"),
    ],
)
def test_says_why_a_text_is_no_room(text: str, what: str) -> None:
    with pytest.raises(MeetingUrlError) as caught:
        JitsiUrl.parse(text)
    assert what in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_token_is_kept_but_never_shown() -> None:
    url = JitsiUrl.parse("https://meet.example.org/room?jwt=aaaa.bbbb.cccc&x=1")
    assert url.token == "aaaa.bbbb.cccc"
    assert "aaaa" not in repr(url)
    assert "aaaa" not in str(url)


def test_an_error_shows_no_token() -> None:
    with pytest.raises(MeetingUrlError) as caught:
        JitsiUrl.parse("https://meet.example.org/?jwt=aaaa.bbbb.cccc")
    assert "aaaa" not in str(caught.value)


def test_the_server_knows_the_room_in_lower_case_and_percent_encoded() -> None:
    url = JitsiUrl.parse("https://meet.example.org/ACME/Größe 1")
    assert url.room_node == "gr%c3%b6%c3%9fe%201"
    assert url.tenant_node == "acme"


@given(st.text(max_size=60))
def test_any_text_is_a_room_or_an_error_of_ours(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://meet.example.org/{text}"):
        try:
            url = JitsiUrl.parse(candidate)
        except MeetingUrlError:
            continue
        assert JitsiUrl.parse(str(url)).room_node == url.room_node


@pytest.mark.parametrize(("host", "yes"), [("127.0.0.1", True), ("a.localhost", True), ("10.0.0.1", False)])
def test_knows_this_machine(host: str, yes: bool) -> None:
    assert is_loopback(host) is yes
