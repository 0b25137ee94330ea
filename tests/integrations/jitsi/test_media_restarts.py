"""A media path that is lost or left: when the focus is asked for another session, and what is seen meanwhile."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from jitsi.calling import GREEN, ROOM, publishing, sees, watching
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher

from eyeline.integrations.events import Advice, MediaConnected, MediaLost
from eyeline.integrations.jitsi.bridged_session import BridgedSession
from eyeline.integrations.jitsi.call import Call
from eyeline.integrations.jitsi.errors import NoReplyError
from eyeline.integrations.jitsi.stanzas import Iq
from eyeline.integrations.jitsi.xmpp import XmppStream


async def test_asks_for_another_session_when_the_path_breaks(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        session = jitsi_lab.focus.member(ann.nick).session
        assert session is not None
        await session.endpoint.transport.close()
        assert "broke" in (await ann.events.next(MediaLost)).reason
        await ann.events.next(MediaConnected)
        assert jitsi_lab.focus.member(ann.nick).session is not session
        await sees(watcher, ann.nick, GREEN)


async def test_a_session_that_may_not_be_asked_for_yet_is_asked_for_later(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.restart_budget.MIN_PAUSE_S", 2.0)
    monkeypatch.setattr("eyeline.integrations.jitsi.call.RESTART_TIMEOUT_S", 20.0)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        for reason in ("broken", "broken again at once"):
            ann.meeting._membership().call.lose_path(reason)
            assert await ann.events.next(MediaLost) == MediaLost(reason)
            await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_a_session_that_the_focus_refuses_is_asked_for_again(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it counts from later than we do. What it refuses it does not count."""
    monkeypatch.setattr("eyeline.integrations.jitsi.call.RESTART_TIMEOUT_S", 600.0)
    monkeypatch.setattr("eyeline.integrations.jitsi.call.REFUSED_PAUSE_S", 0.2)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        member = jitsi_lab.focus.member(ann.nick)
        member.restarts_at_s = [asyncio.get_running_loop().time() - 59] * 5
        ann.meeting._membership().call.lose_path("broken")
        assert await ann.events.next(MediaLost) == MediaLost("broken")
        await ann.events.next(MediaConnected)
        assert member.restarts_refused
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_the_pause_between_sessions_begins_when_the_focus_is_reached(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Media and stream are lost with the network: the focus is asked only when the stream has been resumed."""
    monkeypatch.setattr("eyeline.integrations.jitsi.restart_budget.MIN_PAUSE_S", 2.0)
    jitsi_lab.focus._desk._restart_interval_s = 2.0
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        call = ann.meeting._membership().call
        jitsi_lab.site.open_streams.clear()
        jitsi_lab.site.cut_xmpp()
        assert (await ann.events.next(Advice)).code == "signalling_lost"
        call.lose_path("another network")
        await asyncio.sleep(1.0)
        jitsi_lab.site.open_streams.set()
        await ann.events.next(MediaConnected)
        call.lose_path("and another one")
        assert await ann.events.next(MediaLost) == MediaLost("and another one")
        await ann.events.next(MediaConnected)
        assert jitsi_lab.focus.member(ann.nick).restarts_refused == 0
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_a_session_whose_acceptance_is_not_answered_is_asked_for_again(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the network goes in that moment: the focus gets it when the stream is resumed, after we have given up."""
    asked, unanswered = XmppStream.request, ["session-accept"]

    async def request(stream: XmppStream, iq: Iq, **options: Any) -> Iq:
        reply = await asked(stream, iq, **options)
        if iq.payload is not None and iq.payload.get("action") in unanswered:
            unanswered.clear()
            raise NoReplyError("The focus did not answer.")
        return reply

    monkeypatch.setattr(XmppStream, "request", request)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        assert await ann.events.next(MediaLost) == MediaLost("The focus did not answer.")
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_a_network_that_changes_while_a_session_is_set_up_is_not_missed(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = BridgedSession.accept
    moves: list[Call] = []

    async def accept(session: BridgedSession, responder: str) -> Element:
        answer = await accepted(session, responder)
        while moves:
            moves.pop().lose_path("moved meanwhile")
        return answer

    monkeypatch.setattr(BridgedSession, "accept", accept)
    async with publishing(jitsi_lab) as ann:
        moves.append(ann.meeting._membership().call)
        async with Watcher(jitsi_lab, ROOM) as watcher:
            assert await ann.events.next(MediaLost) == MediaLost("moved meanwhile")
            await ann.events.next(MediaConnected)
            await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_a_path_that_may_still_work_is_kept_until_another_may_be_asked_for(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.call.REFUSED_PAUSE_S", 0.2)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        member = jitsi_lab.focus.member(ann.nick)
        session = member.session
        member.restarts_at_s = [asyncio.get_running_loop().time()] * 5
        ann.meeting._membership().call.lose_path("a cable was plugged in", may_work=True)
        await eventually(lambda: member.restarts_refused > 1, what="the focus to be asked")
        await sees(watcher, ann.nick, GREEN)
        assert member.session is session
        member.restarts_at_s = []
        assert await ann.events.next(MediaLost) == MediaLost("a cable was plugged in")
        await ann.events.next(MediaConnected)
        assert member.session is not session
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_a_machine_that_moves_gets_another_path(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ["192.0.2.1"]
    monkeypatch.setattr(
        "eyeline.integrations.jitsi.network_watch.NetworkWatch.__init__.__kwdefaults__",
        {"look_s": 0.1, "clock_s": time.monotonic, "source": lambda _: source[0]},
    )
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        await asyncio.sleep(0.5)
        source[0] = ""  # between two networks
        await asyncio.sleep(0.5)
        source[0] = "192.0.2.77"
        assert "192.0.2.77" in (await ann.events.next(MediaLost)).reason
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


@pytest.mark.parametrize("before", ["127.0.0.1", "192.0.2.1"], ids=["stands", "is gone"])
async def test_a_path_by_an_address_of_ours_is_kept_while_no_other_may_be_asked_for(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    source = [before]
    monkeypatch.setattr(
        "eyeline.integrations.jitsi.network_watch.NetworkWatch.__init__.__kwdefaults__",
        {"look_s": 0.1, "clock_s": time.monotonic, "source": lambda _: source[0]},
    )
    monkeypatch.setattr("eyeline.integrations.jitsi.restart_budget.MIN_PAUSE_S", 600.0)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        call = ann.meeting._membership().call
        call.lose_path("broken")
        await ann.events.next(MediaConnected)
        await asyncio.sleep(0.5)
        source[0] = "192.0.2.77"
        if before == "127.0.0.1":
            await eventually(lambda: call._later is not None, what="another session to be due")
            await sees(watcher, ann.nick, GREEN)
        else:
            assert "192.0.2.77" in (await ann.events.next(MediaLost)).reason


@pytest.mark.parametrize("slept", [False, True], ids=["the network was away", "the machine slept"])
async def test_a_network_that_is_back_is_used_at_once(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch, slept: bool
) -> None:
    """The stream goes on by another connection, whatever the old one is like; media only after a sleep."""
    source, passed_s = ["192.0.2.1"], [0.0]
    monkeypatch.setattr(
        "eyeline.integrations.jitsi.network_watch.NetworkWatch.__init__.__kwdefaults__",
        {"look_s": 0.1, "clock_s": lambda: time.monotonic() + passed_s[0], "source": lambda _: source[0]},
    )
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        await asyncio.sleep(0.5)
        if slept:
            passed_s[0] = 60.0
        else:
            source[0] = ""
            await asyncio.sleep(0.5)
            source[0] = "192.0.2.1"
        assert (await ann.events.next(Advice)).code == "signalling_lost"
        assert (await ann.events.next(Advice)).code == "signalling_resumed"
        if slept:
            assert "slept" in (await ann.events.next(MediaLost)).reason
            await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
        assert list(watcher.participants) == [ann.nick]
    assert jitsi_lab.complaints == []
