from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi.meet import Meet
from jwt_lab import jwt

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import TokenError, TokenExpiredError
from eyeline.integrations.events import Advice
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.token import TokenClaims

NOW_S = 1_800_000_000.0


def advice(asked: str = "daily", **claims: object) -> list[Advice]:
    return list(TokenClaims.read(jwt(**claims)).advice(NOW_S, room=asked))


def test_reads_what_matters() -> None:
    assert TokenClaims.read(jwt(exp=5, nbf=3.5, room="Daily", aud="x")) == TokenClaims(5.0, 3.5, "Daily")
    assert TokenClaims.read(jwt(exp="soon", nbf=True, room=7)) == TokenClaims()


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "a.!.c", "a.e30x.c", f"a.{base64.b64encode(b'[1]').decode()}.c"]
)
def test_refuses_what_is_no_token(text: str) -> None:
    with pytest.raises(TokenError, match="not a JSON Web Token"):
        TokenClaims.read(text)


def test_an_old_or_too_new_token_is_refused_before_joining() -> None:
    with pytest.raises(TokenExpiredError, match="expired 2 hours ago") as caught:
        TokenClaims.read(jwt(exp=NOW_S - 7300)).check(NOW_S)
    assert "clock" in caught.value.hint
    with pytest.raises(TokenExpiredError, match="good only from"):
        TokenClaims.read(jwt(nbf=NOW_S + 3600)).check(NOW_S)
    TokenClaims.read(jwt(exp=NOW_S - 30, nbf=NOW_S + 30)).check(NOW_S)  # clocks differ
    TokenClaims.read(jwt()).check(NOW_S)


def test_says_what_a_person_should_know() -> None:
    [soon] = advice(exp=NOW_S + 1260, room="*")
    assert soon.code == "token_expires"
    assert "21 minutes from now" in soon.text
    assert [each.code for each in advice()] == ["token_without_room"]
    assert [each.code for each in advice("other", room="Daily")] == ["token_other_room"]
    assert not advice("daily", room="Daily", exp=NOW_S + 9e6)


async def test_a_useless_token_never_reaches_the_server(meet: Meet) -> None:
    with pytest.raises(TokenExpiredError, match="expired"):
        async with JitsiMeeting(f"{meet.room_url()}?jwt={jwt(exp=1000, room='*')}", name="Ann"):
            pass
    assert meet.requests == []


@given(st.text() | st.binary().map(lambda raw: f"a.{base64.urlsafe_b64encode(raw).decode()}.c"))
def test_any_text_is_a_token_or_an_error_of_ours(text: str) -> None:
    try:
        claims = TokenClaims.read(text)
        claims.check(NOW_S)
        list(claims.advice(NOW_S, room="daily"))
    except EyelineError:
        pass


@given(
    st.fixed_dictionaries({key: st.integers() | st.floats() | st.text() | st.none() for key in ("exp", "nbf", "room")})
)
def test_any_claims_are_a_token_or_an_error_of_ours(claims: dict[str, object]) -> None:
    try:
        read = TokenClaims.read(jwt(**claims))
        read.check(NOW_S)
        list(read.advice(NOW_S, room="daily"))
    except EyelineError:
        pass
