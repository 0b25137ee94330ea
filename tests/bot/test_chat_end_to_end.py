"""Steering by chat in a whole deployment: what is typed in the room, and what another member then sees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from jitsi_lab import xml
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from picture_lab import load_mask
from raw_member import forged_identity, raw_member
from steered_stay import Person, steered_settings, steered_stay

from eyeline.bot.chat_telling import WINDOW_S
from eyeline.bot.events import BotEvent, ChatSkipped
from eyeline.bot.state import SessionState
from eyeline.integrations.events import ChatReceived
from eyeline.processing.outgoing_video import VideoState

BLUE_BGR = (0x60, 0x40, 0x20)
GREY_BGR = (0x80, 0x80, 0x80)


@pytest.fixture(autouse=True)
def weights() -> None:
    load_mask().close()


async def test_a_claimed_camera_obeys_its_owner(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay,
    ):
        person = Person(watcher)
        await person.sees(GREY_BGR)
        await person.claims(stay)

        line = await person.answer("!bg color #204060")
        assert (line.private, line.text) == (True, "Background: colour #204060.")
        await person.sees(BLUE_BGR)

        assert "Taken back" in (await person.answer("/undo")).text
        await person.sees(GREY_BGR)

        card = (await eventually(lambda: stay.studio.video.card_image())).to_bgr()
        assert "card" in (await person.answer("!panic")).text
        assert stay.studio.video.state is VideoState.CARD
        corner = tuple(int(value) for value in card[10, 20])
        await person.sees(corner)
        assert "card stays" in (await person.answer("!bg color #204060")).text
        await person.sees(corner)
        assert (await person.answer("!video on")).text == "The video is on."
        await person.sees(BLUE_BGR)

        assert (await person.answer("!video off")).text == "The video is off."
        await eventually(lambda: stay.session.state is SessionState.PAUSED, what="a pause")
        assert (await person.answer("!video on")).text == "The video is on."
        await person.sees(BLUE_BGR)

        assert (await person.answer("!leave")).text == "Good-bye."
        await eventually(lambda: stay.session.state is SessionState.LEFT, what="the end of the stay")
    assert jitsi_lab.complaints == []


async def test_nobody_else_is_obeyed(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    """The moderator, whoever takes the owner's nick and name, and whoever forges what can be forged."""
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        raw_member(jitsi_lab) as alice,
        raw_member(jitsi_lab) as mallory,
        steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay,
    ):
        person = Person(watcher)
        bot = await person.bot()
        await eventually(lambda: stay.session.state is SessionState.LIVE, what="to be live")
        assert "Only the person" in (await person.answer("!bg color #204060")).text  # the first member: a moderator

        nick = await alice.enter(name="Owner")
        alice.say(f"!claim {stay.codes[-1]}", to=bot)
        await eventually(lambda: any("in charge" in line for line in alice.heard()), what="the claim")
        alice.say("!bg color #111111")
        await eventually(lambda: str(stay.studio.effects.background) == "color:#111111", what="the background")

        claimed = (alice.link.jid, nick)
        await mallory.enter(*forged_identity(*claimed), name="Owner")
        for text in ("!bg color #204060", "!panic", "!leave"):
            mallory.say(text, *forged_identity(*claimed))
            mallory.say(text, *forged_identity(*claimed), to=bot)
            mallory.say(text, from_=f"daily@conference.meet.test/{nick}")
            mallory.say(text, from_=alice.link.jid, to=bot)
        await eventually(lambda: any("Only the person" in line for line in mallory.heard()), what="a refusal")

        alice.leave(nick)
        await eventually(lambda: nick not in watcher.participants, what="the owner's leaving")
        async with raw_member(jitsi_lab) as eve:
            await eve.enter(*forged_identity(*claimed), nick=nick, name="Owner")
            for text in ("!bg color #204060", "!panic", "!leave"):
                eve.say(text)
                eve.say(text, *forged_identity(*claimed), to=bot)
            await eventually(lambda: [line.sender for line in watcher.chat].count(nick) >= 4, what="what Eve said")
            await asyncio.sleep(0.5)

        assert str(stay.studio.effects.background) == "color:#111111"
        assert not stay.studio.video.hidden
        assert stay.session.state is SessionState.LIVE


async def test_what_was_said_before_or_says_so_is_not_obeyed(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with Watcher(jitsi_lab, "Daily") as watcher, raw_member(jitsi_lab) as alice:
        await alice.enter()
        alice.say("!bg color #204060")
        await eventually(lambda: watcher.chat, what="the line")
        async with steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay:
            control = stay.steered.control
            bot = await Person(watcher).bot()
            alice.say(f"!claim {stay.codes[-1]}", to=bot)
            await eventually(lambda: any("in charge" in line for line in alice.heard()), what="the claim")

            # Prosody removes a delay in the room's own name, but not one in the name of its service.
            delay = xml.element("urn:xmpp:delay", "delay", from_="conference.meet.test", stamp="2026-01-01T00:00:00Z")
            alice.say("!bg color #204060", delay)
            outside = next(iter(watcher.participants[bot].presence.iter(f"{{{xml.MUC_USER}}}item"))).get("jid")
            assert outside is not None
            for kind in ("chat", "groupchat"):
                alice.say("!bg color #204060", to_=outside, type=kind)
            alice.say("!status", to=bot)
            await eventually(lambda: any("Eyeline" in line for line in alice.heard()), what="the status")
            assert str(stay.studio.effects.background) == "color:#808080"
            assert [entry.command for entry in control.audit.entries] == ["claim", "status"]


async def test_two_cameras_in_one_room_obey_their_own_people(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        raw_member(jitsi_lab) as bob,
        steered_stay(jitsi_lab, steered_settings(tmp_path, meeting__name="Ada")) as ada,
        steered_stay(jitsi_lab, steered_settings(tmp_path, meeting__name="Bob")) as bobs,
    ):
        person = Person(watcher)
        await person.bot("Bob")
        await bob.enter(name="Bob himself")
        await person.claims(ada)
        bob.say(f"!claim@bob {bobs.codes[-1]}")
        await eventually(lambda: any("in charge" in line for line in bob.heard()), what="Bob's claim")

        line = await person.answer("!bg color #111111")
        assert line.sender == await person.bot("Ada")
        bob.say("!bg color #222222")
        await eventually(lambda: str(bobs.studio.effects.background) == "color:#222222", what="Bob's background")
        assert "Only the person" in (await person.answer("!bg@bob color #333333")).text

        heard = len(watcher.chat)
        await person.silence("!bg@nobody color #444444", wait_s=0.5)
        assert len(watcher.chat) == heard
        assert str(ada.studio.effects.background) == "color:#111111"
        assert str(bobs.studio.effects.background) == "color:#222222"


async def test_who_logs_in_with_an_account_claims_once(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    """Guests are somebody else in every meeting; an account is the same, and nobody else's, under whatever name."""
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        raw_member(jitsi_lab, account="ada") as ada,
        raw_member(jitsi_lab, account="eve") as eve,
        raw_member(jitsi_lab) as guest,
    ):
        nick = await ada.enter(name="Owner")
        async with steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay:
            ada.say(f"!claim {stay.codes[-1]}", to=await Person(watcher).bot())
            await eventually(lambda: any("in charge" in line for line in ada.heard()), what="the claim")
        await eventually(lambda: not watcher.participants.keys() - {nick}, what="the end of the stay")

        for other in (eve, guest):
            await other.enter(*forged_identity(ada.link.jid, nick), name="Owner")
        async with steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay:
            bot = await Person(watcher).bot()
            for other in (eve, guest):
                other.say("!bg color #204060", *forged_identity(ada.link.jid, nick), to=bot)
                await eventually(
                    lambda other=other: any("Only the person" in line for line in other.heard()), what="a refusal"
                )
            ada.say("!bg color #111111")
            await eventually(lambda: str(stay.studio.effects.background) == "color:#111111", what="the background")


def told_of(event: BotEvent) -> int:
    """How many lines of chat an event tells of."""
    return event.count if isinstance(event, ChatSkipped) else int(isinstance(event, ChatReceived))


async def test_a_flood_of_chat_changes_nothing(jitsi_lab: JitsiLab, tmp_path: Path) -> None:
    async with (
        Watcher(jitsi_lab, "Daily") as watcher,
        raw_member(jitsi_lab) as flooder,
        steered_stay(jitsi_lab, steered_settings(tmp_path)) as stay,
    ):
        person = Person(watcher)
        await person.sees(GREY_BGR)
        await person.claims(stay)
        await flooder.enter()
        for number in range(1000):
            flooder.say(f"!bg color #2040{number % 100:02d}" if number % 2 else f"just talk {number}")
        await eventually(lambda: len(watcher.chat) > 1000, timeout_s=60, what="the flood")
        assert "card" in (await person.answer("!panic")).text
        await person.answer("!video on")
        assert stay.steered.chat is not None
        assert stay.steered.chat.kept < 20
        await asyncio.sleep(WINDOW_S)
        flooder.say("and one more")
        await eventually(lambda: sum(told_of(event) for event in stay.events) >= 1000, what="being told of the flood")
        assert len(stay.events) < 700, "of a flood a part is told, and how much was left out"
        assert len(stay.steered.control.audit.entries) < 20
        assert str(stay.studio.effects.background) == "color:#808080"
        await person.sees(GREY_BGR)
        assert stay.session.state is SessionState.LIVE
        assert [state for state in stay.events if "reconnecting" in repr(state)] == []
