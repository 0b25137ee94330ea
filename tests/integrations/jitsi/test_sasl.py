from __future__ import annotations

import base64
import contextlib
from xml.etree.ElementTree import Element, SubElement

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jitsi.meet import Meet
from jitsi.prosody_server import Prosody

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import AccountNeededError, LoginError, ProtocolError, WrongLoginError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.sasl import Account, auth_element, choose_mechanism
from eyeline.integrations.jitsi.scram import Scram, saslprep
from eyeline.integrations.jitsi.xmpp import XmppStream

DOMAIN = "accounts.test"
ALICE = Account.of("alice@accounts.test", "geheim, = ½ ü")


def features(*mechanisms: str) -> Element:
    element = Element(ns.qname(ns.STREAMS, "features"))
    offered = SubElement(element, ns.qname(ns.SASL, "mechanisms"))
    for name in mechanisms:
        SubElement(offered, ns.qname(ns.SASL, "mechanism")).text = name
    return element


@pytest.fixture
async def accounts(prosody: Prosody) -> Prosody:
    await prosody.add_account("alice", ALICE.password)
    return prosody


def stream(prosody: Prosody, http: aiohttp.ClientSession, account: Account | None) -> XmppStream:
    login = Login(DOMAIN, account=account, encrypted=True)
    return XmppStream(prosody.websocket_url, login, http=http)


async def test_logs_in_by_scram(accounts: Prosody, http: aiohttp.ClientSession) -> None:
    async with stream(accounts, http, ALICE) as logged_in:
        assert logged_in.jid.bare == Jid(DOMAIN, "alice")
    assert "SCRAM-SHA-1" in accounts.log()
    assert ALICE.password not in accounts.log()


async def test_logs_in_by_plain(
    accounts: Prosody, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.sasl.HASHES", {})
    async with stream(accounts, http, ALICE) as logged_in:
        assert logged_in.jid.bare == Jid(DOMAIN, "alice")


@pytest.mark.parametrize("hashes", [{"SCRAM-SHA-1": "sha1"}, {}], ids=["scram", "plain"])
@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_a_wrong_password_is_named(
    accounts: Prosody,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    hashes: dict[str, str],
    name: str,
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.sasl.HASHES", hashes)
    with pytest.raises(WrongLoginError, match="user name or password") as caught:
        async with stream(accounts, http, Account(name, "falsch")):
            pass
    assert caught.value.code == "login_wrong"
    assert "falsch" not in str(caught.value)


async def test_a_guest_is_told_that_it_takes_an_account(accounts: Prosody, http: aiohttp.ClientSession) -> None:
    with pytest.raises(AccountNeededError, match="wants an account"):
        async with stream(accounts, http, None):
            pass


async def test_a_meeting_is_joined_with_an_account(accounts: Prosody, meet: Meet) -> None:
    overrides = DeploymentOverrides(domain=DOMAIN, focus="focus.meet.test")
    with contextlib.suppress(EyelineError):
        async with JitsiMeeting(meet.room_url(), name="Ann", account=ALICE, overrides=overrides) as meeting:
            inside = meeting._membership()
            assert inside.stream.jid.bare == Jid(DOMAIN, "alice")
            assert len(inside.room.nick) == 8


def test_takes_the_safest_mechanism() -> None:
    every = features("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "ANONYMOUS")
    assert choose_mechanism(every, ALICE).name == "SCRAM-SHA-256"
    assert choose_mechanism(features("PLAIN", "SCRAM-SHA-1"), ALICE).name == "SCRAM-SHA-1"
    assert choose_mechanism(every).name == "ANONYMOUS"
    assert choose_mechanism(features("PLAIN"), ALICE, encrypted=True).name == "PLAIN"
    with pytest.raises(LoginError, match="unencrypted"):
        choose_mechanism(features("PLAIN"), ALICE)
    with pytest.raises(LoginError, match="no password"):
        choose_mechanism(features("ANONYMOUS"), ALICE)
    with pytest.raises(LoginError, match="no way"):
        choose_mechanism(features())


def test_scram_is_that_of_the_standard() -> None:
    """RFC 7677, section 3."""
    scram = Scram("SCRAM-SHA-256", "user", "pencil", nonce="rOprNGfwEbeRWgbNEkqO")
    assert scram.first() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert scram.final(challenge).endswith(b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    scram.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=abcd,s=!,i=4096",
        b"r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
        b"r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999",
        b"r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x",
        b"m=ext,r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"\xff",
    ],
)
def test_an_unsafe_challenge_is_refused(challenge: bytes) -> None:
    with pytest.raises(ProtocolError):
        Scram("SCRAM-SHA-1", "user", "pencil", nonce="abc").final(challenge)


def test_a_server_that_does_not_know_the_password_is_refused() -> None:
    scram = Scram("SCRAM-SHA-1", "user", "pencil", nonce="abc")
    for early in (b"", b"v=" + base64.b64encode(b"")):
        with pytest.raises(ProtocolError, match="prove"):
            scram.verify(early)
    scram.final(b"r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    with pytest.raises(ProtocolError, match="prove"):
        scram.verify(b"v=" + base64.b64encode(b"x" * 20))


@given(st.binary(max_size=200))
def test_any_challenge_is_an_error_of_ours(challenge: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        Scram("SCRAM-SHA-1", "user", "pencil", nonce="abc").final(challenge)


def test_names_and_passwords_have_one_form() -> None:
    assert saslprep("I\u00adX") == "IX"
    assert saslprep("\u2168") == "IX"
    assert saslprep("a\u00a0b") == "a b"
    for bad in ("", "a\x07", "\u00ad"):
        with pytest.raises(UsageError):
            saslprep(bad)
    assert "pen" not in repr(Account.of("user", "pencil"))
    for name, password in (("", "x"), ("@x", "x"), ("x", "")):
        with pytest.raises(UsageError, match="user name and a password"):
            Account.of(name, password)


def test_the_password_is_not_in_what_scram_sends() -> None:
    assert b"geheim" not in base64.b64decode(auth_element(choose_mechanism(features("SCRAM-SHA-1"), ALICE)).text or "")
