from __future__ import annotations

import base64
import json

import pytest

from eyeline.integrations.errors import TokenError, TokenExpiredError
from eyeline.integrations.zoom.credentials import Reach, ZoomCredentials
from eyeline.integrations.zoom.errors import ZoomCredentialsError
from eyeline.integrations.zoom.token import SdkToken

NOW_S = 1_800_000_000.0
SECRET = "s3cret-of-the-app-0123456789abcd"


def ending(expires_s: float) -> str:
    parts = ({"alg": "HS256"}, {"exp": expires_s})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "eA"]
    )


@pytest.mark.parametrize(
    ("given", "reach"),
    [
        ({}, Reach.OWN_ACCOUNT),
        ({"zak": "a"}, Reach.AS_USER),
        ({"on_behalf_token": "a"}, Reach.BESIDE_USER),
        ({"zak": "a", "on_behalf_token": "a"}, Reach.BESIDE_USER),
        ({"access_token": "a"}, Reach.BESIDE_USER),
        ({"access_token": "a", "fetch": "zak"}, Reach.AS_USER),
        ({"access_token": "a", "zak": "a"}, Reach.AS_USER),
    ],
)
def test_knows_whose_meetings_are_open(given: dict[str, str], reach: Reach) -> None:
    assert ZoomCredentials(**given).reach is reach


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "shows no app"),
        ({"zak": "a"}, "shows no app"),
        ({"client_id": "an-app"}, "no client secret"),
        ({"client_secret": SECRET}, "no client id"),
        ({"client_id": "an-app", "client_secret": "tiny"}, "too short"),
        ({"client_id": "an-app", "client_secret": f"{SECRET} "}, "signs"),
    ],
)
def test_says_what_is_missing(given: dict[str, str], told: str) -> None:
    with pytest.raises(ZoomCredentialsError) as caught:
        ZoomCredentials(**given).sdk_token(NOW_S)
    assert told in caught.value.message
    assert caught.value.hint
    assert not any(value in str(caught.value) for key, value in given.items() if key != "zak")


def test_a_given_token_goes_before_one_that_could_be_made() -> None:
    jwt = SdkToken.made("another", SECRET, NOW_S - 60).text
    given = ZoomCredentials(client_id="an-app", client_secret=SECRET, jwt=jwt)
    assert given.sdk_token(NOW_S).app_key == "another"
    with pytest.raises(TokenExpiredError):
        given.sdk_token(NOW_S + 7200)
    with pytest.raises(TokenError):
        ZoomCredentials(jwt="a.b.c").sdk_token(NOW_S)
    assert ZoomCredentials(client_id="an-app", client_secret=SECRET).sdk_token(NOW_S).app_key == "an-app"


def test_a_token_that_says_that_it_is_over_is_never_used() -> None:
    for name, what in {"zak": "The ZAK", "on_behalf_token": "The on-behalf", "access_token": "The access"}.items():
        with pytest.raises(TokenExpiredError, match=what) as caught:
            ZoomCredentials(**{name: ending(NOW_S - 7300)}).check(NOW_S)
        assert "2 hours ago" in caught.value.message
        ZoomCredentials(**{name: ending(NOW_S + 60)}).check(NOW_S)
        ZoomCredentials(**{name: "opaque"}).check(NOW_S)
        with pytest.raises(ZoomCredentialsError, match="signs"):
            ZoomCredentials(**{name: "a b"}).check(NOW_S)


def test_tells_before_joining_what_will_end() -> None:
    given = ZoomCredentials(
        jwt=SdkToken.made("an-app", SECRET, NOW_S).text, zak=ending(NOW_S + 3600), on_behalf_token=ending(NOW_S + 600)
    )
    told = list(given.advice(NOW_S))
    assert [each.code for each in told] == ["token_expires", "token_expires", "token_expires", "token_once"]
    assert "The ZAK is good until" in told[1].text
    assert not list(ZoomCredentials(client_id="an-app", client_secret=SECRET, zak="opaque").advice(NOW_S))


def test_no_text_form_shows_a_secret() -> None:
    secret = "hunter2-hunter2-hunter2"
    names = ("client_secret", "jwt", "zak", "on_behalf_token", "access_token")
    assert secret not in repr(ZoomCredentials("an-app", **dict.fromkeys(names, secret)))
