from __future__ import annotations

from pathlib import Path

import pytest
from jitsi.wire import xmpp_frames

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import (
    BannedError,
    ConnectionLostError,
    KickedError,
    MeetingEndedError,
    MembersOnlyError,
    NameNeededError,
    NotAdmittedError,
    PasswordNeededError,
    RoomFullError,
    TokenRoomError,
    WrongPasswordError,
)
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.join_errors import LobbyError, NickTakenError, RoomNotOpenError, join_error
from eyeline.integrations.jitsi.muc import removal
from eyeline.integrations.jitsi.stanzas import Presence, PresenceType, parse_error, parse_stanza
from eyeline.integrations.jitsi.xml import parse_frame

STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


def presence(inner: str, kind: str) -> Presence:
    text = f"<presence xmlns='jabber:client' type='{kind}' from='room@conference.meet.test/me'>{inner}</presence>"
    stanza = parse_stanza(parse_frame(text))
    assert isinstance(stanza, Presence)
    return stanza


def refused(inner: str, *, has_password: bool = False) -> EyelineError:
    return join_error(
        parse_error(presence(f"<error type='cancel'>{inner}</error>", "error")), has_password=has_password
    )


@pytest.mark.parametrize(
    ("inner", "kind", "words"),
    [
        (f"<not-authorized {STANZAS}/>", PasswordNeededError, "wants a password"),
        (f"<forbidden {STANZAS}/>", BannedError, "banned"),
        (f"<service-unavailable {STANZAS}/>", RoomFullError, "full"),
        (f"<resource-constraint {STANZAS}/>", RoomFullError, "full"),
        (f"<conflict {STANZAS}/>", NickTakenError, "nick"),
        (
            f"<not-allowed {STANZAS}/><text {STANZAS}>Room creation is restricted</text>",
            RoomNotOpenError,
            "not opened",
        ),
        (f"<not-allowed {STANZAS}/><text {STANZAS}>Room and token mismatched</text>", TokenRoomError, "another room"),
        (f"<not-allowed {STANZAS}/><text {STANZAS}>Nope</text>", NotAdmittedError, "Nope"),
        (
            f"<registration-required {STANZAS}/><lobbyroom xmlns='http://jitsi.org/jitmeet'>r@lobby.meet.test</lobbyroom>",
            LobbyError,
            "lobby",
        ),
        (f"<registration-required {STANZAS}/>", MembersOnlyError, "members"),
        (
            f"<not-acceptable {STANZAS}/><displayname-required xmlns='http://jitsi.org/jitmeet'/>",
            NameNeededError,
            "display name",
        ),
        (f"<jid-malformed {STANZAS}/>", NotAdmittedError, "jid-malformed"),
    ],
)
def test_says_why_the_room_does_not_let_us_in(inner: str, kind: type[EyelineError], words: str) -> None:
    error = refused(inner)
    assert type(error) is kind
    assert words in error.message
    assert error.hint


def test_a_wrong_password_is_told_from_a_missing_one() -> None:
    error = refused(f"<not-authorized {STANZAS}/>", has_password=True)
    assert type(error) is WrongPasswordError
    assert "another one" in error.message


def test_knows_where_to_knock() -> None:
    error = refused(f"<registration-required {STANZAS}/><lobbyroom xmlns='http://jitsi.org/jitmeet'>r@l.t</lobbyroom>")
    assert isinstance(error, LobbyError)
    assert error.lobby == Jid("l.t", "r")
    for broken in ("", "@", "l.t", "r@l.t/nick"):
        inner = f"<registration-required {STANZAS}/><lobbyroom xmlns='http://jitsi.org/jitmeet'>{broken}</lobbyroom>"
        assert type(refused(inner)) is MembersOnlyError


def test_every_refusal_has_a_code_of_its_own() -> None:
    every = (
        BannedError,
        KickedError,
        LobbyError,
        MeetingEndedError,
        MembersOnlyError,
        NameNeededError,
        NickTakenError,
        NotAdmittedError,
        PasswordNeededError,
        RoomFullError,
        RoomNotOpenError,
        TokenRoomError,
        WrongPasswordError,
    )
    assert len({kind.code for kind in every}) == len(every)


@pytest.mark.parametrize(
    ("codes", "extra", "kind", "words"),
    [
        (["307", "110"], "<item><reason>be\ncause</reason></item>", KickedError, "removed us from the room: be cause"),
        (["301", "110"], "", BannedError, "banned"),
        (["110"], "<destroy><reason>The end</reason></destroy>", MeetingEndedError, "ended: The end"),
        (["110", "333"], "", ConnectionLostError, "dropped"),
        (["307", "110", "333"], "", ConnectionLostError, "dropped"),
        (["110"], "", ConnectionLostError, "took us out"),
    ],
)
def test_tells_a_kick_from_a_loss(codes: list[str], extra: str, kind: type[EyelineError], words: str) -> None:
    statuses = "".join(f"<status code='{code}'/>" for code in codes)
    user = f"<x xmlns='http://jabber.org/protocol/muc#user'>{extra}{statuses}</x>"
    error = removal(presence(user, "unavailable"))
    assert type(error) is kind
    assert words in error.message


def test_understands_every_recorded_refusal(recordings: Path) -> None:
    kinds = set()
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if frame.from_server and isinstance(stanza, Presence) and stanza.type is PresenceType.ERROR:
            kinds.add(type(join_error(parse_error(stanza), has_password=False)))
    assert kinds == {
        BannedError,
        LobbyError,
        NameNeededError,
        NickTakenError,
        NotAdmittedError,
        PasswordNeededError,
        RoomFullError,
        RoomNotOpenError,
        TokenRoomError,
    }


def test_understands_every_recorded_removal(recordings: Path) -> None:
    kinds = {}
    for frame in xmpp_frames(recordings):
        stanza = parse_stanza(parse_frame(frame.text))
        if isinstance(stanza, Presence) and stanza.type is PresenceType.UNAVAILABLE and "110" in frame.text:
            kinds[removal(stanza).message] = type(removal(stanza))
    assert kinds["A moderator removed us from the room: because."] is KickedError
    assert kinds["A moderator banned us from the room: banned."] is BannedError
    assert kinds["The meeting was ended: The meeting has been terminated."] is MeetingEndedError
    assert ConnectionLostError in kinds.values()
