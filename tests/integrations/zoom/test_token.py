from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import TokenError, TokenExpiredError
from eyeline.integrations.zoom.token import SdkToken, expiry_advice, expiry_of

NOW_S = 1_800_000_000.0
SECRET = "s3cret-of-the-app-0123456789abcd"
GOOD = {"appKey": "an-app", "iat": int(NOW_S) - 30, "exp": int(NOW_S) + 7200, "tokenExp": int(NOW_S) + 7200}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(claims: object = None, *, header: object = None, signature: str | None = None, **changed: object) -> str:
    claims = {**GOOD, **changed} if claims is None else claims
    if isinstance(claims, dict):
        claims = {key: value for key, value in claims.items() if value is not ...}
    signed = f"{part({'alg': 'HS256'} if header is None else header)}.{part(claims)}"
    if signature is None:
        digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{signed}.{signature}"


def test_makes_what_zoom_wants_and_signs_it() -> None:
    made = SdkToken.made("an-app", SECRET, NOW_S)
    header, claims, signature = made.text.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == GOOD
    digest = hmac.new(SECRET.encode(), f"{header}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == digest
    made.check(NOW_S)
    assert SdkToken.read(made.text) == made


def test_no_text_form_shows_the_token() -> None:
    made = SdkToken.made("an-app", SECRET, NOW_S)
    for shown in (repr(made), str(made)):
        assert made.text not in shown
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c.d", "three parts"),
        ("a..c", "three parts"),
        (f" {token()}", "three parts"),
        ("aaaa.bbbb.cccc", "decoded"),
        (token([1]), "decoded"),
        (token(header={"alg": "HS512"}), "HS256"),
        (token(header={"alg": "none"}), "HS256"),
        (token(signature="c2ln"), "signature"),
        (token(appKey=...), "appKey"),
        (token(appKey=""), "appKey"),
        (token(appKey=7), "appKey"),
        (token(iat=...), "does not say iat"),
        (token(exp=...), "does not say exp"),
        (token(tokenExp=...), "does not say tokenExp"),
        (token(tokenExp=float(NOW_S) + 7200), "whole seconds"),
        (token(tokenExp=str(int(NOW_S) + 7200)), "whole seconds"),
        (token(iat=True), "whole seconds"),
        (token(exp=-1), "whole seconds"),
        (token(exp=GOOD["iat"] + 1799), "1799 s"),
        (token(tokenExp=GOOD["iat"] + 172_801), "172801 s"),
    ],
)
def test_refuses_what_zoom_would_refuse_later_or_never_answer(text: str, what: str) -> None:
    with pytest.raises(TokenError) as caught:
        SdkToken.read(text)
    assert what in caught.value.message
    assert caught.value.hint
    assert len(text) < 8 or text not in str(caught.value)


def test_lifetimes_at_the_edge_are_taken() -> None:
    assert SdkToken.read(token(exp=GOOD["iat"] + 1800)).expires_s == GOOD["iat"] + 1800
    assert SdkToken.read(token(exp=GOOD["iat"] + 172_800, tokenExp=GOOD["iat"] + 172_800)).app_key == "an-app"


@pytest.mark.parametrize(
    ("now_s", "what"),
    [
        (GOOD["iat"] - 31, "good only from"),
        (GOOD["exp"] + 7300, "expired 2 hours ago"),
        (GOOD["exp"], "expired 0 seconds ago"),
        (GOOD["exp"] - 1805, "half an hour"),
        (GOOD["exp"] - 1, "half an hour"),
    ],
)
def test_says_before_joining_that_it_is_not_good_now(now_s: float, what: str) -> None:
    with pytest.raises(TokenExpiredError) as caught:
        SdkToken.read(token()).check(now_s)
    assert what in caught.value.message
    assert "clock" in caught.value.hint


def test_is_good_until_the_sdk_minds() -> None:
    read = SdkToken.read(token())
    for now_s in (GOOD["iat"] - 30, NOW_S, GOOD["exp"] - 1810):
        read.check(now_s)
    [advice] = read.advice(NOW_S)
    assert advice.code == "token_expires"
    assert "2 hours from now" in advice.text
    assert not list(SdkToken.read(token(exp=GOOD["iat"] + 90_000, tokenExp=GOOD["iat"] + 90_000)).advice(NOW_S))


def test_other_tokens_tell_when_they_end_if_they_can_be_read() -> None:
    assert expiry_of(f"{part({})}.{part({'exp': NOW_S + 60})}.c2ln") == NOW_S + 60
    for text in ("opaque", "", "a.b.c", f"{part({})}.{part({'exp': 'soon'})}.c2ln"):
        assert expiry_of(text) is None
    assert not list(expiry_advice("The ZAK", None, NOW_S))
    [advice] = expiry_advice("The ZAK", NOW_S + 90, NOW_S)
    assert advice.text.startswith("The ZAK is good until")


@given(
    st.text(max_size=300)
    | st.lists(st.text(alphabet="abcDEF019_-=+/ é", max_size=40), min_size=3, max_size=3).map(".".join)
    | st.dictionaries(
        st.sampled_from(["appKey", "iat", "exp", "tokenExp"]),
        st.integers() | st.floats() | st.text(max_size=5) | st.none() | st.booleans(),
    ).map(lambda changed: token(**changed))
)
def test_any_text_is_a_token_or_an_error_of_ours(text: str) -> None:
    expiry_of(text)
    told = ""
    try:
        read = SdkToken.read(text)
        read.check(NOW_S)
        list(read.advice(NOW_S))
    except EyelineError as error:
        told = str(error)
    assert len(text) < 40 or text not in told
