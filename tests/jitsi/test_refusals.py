"""What the double refuses, over the wire: a client that does these must not pass an end-to-end test."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from jitsi_lab import xml
from jitsi_lab.caps import Capabilities
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import CAPABILITIES, Watcher
from jitsi_lab.xmpp_link import IqError

SOURCE = f"{{{xml.SSMA}}}source"


def video_sources(accept: Element) -> list[Element]:
    path = f"{{{xml.JINGLE}}}content[@name='video']/{{{xml.RTP}}}description/{SOURCE}"
    return accept.findall(path)


def different_msids(accept: Element) -> None:
    video_sources(accept)[1][0].set("value", "another stream")


def foreign_name(accept: Element) -> None:
    for source in video_sources(accept):
        source.set("name", "ffffffff-v0")


def no_fingerprint(accept: Element) -> None:
    for transport in accept.iter(f"{{{xml.ICE_UDP}}}transport"):
        transport.remove(transport.find(f"{{{xml.DTLS}}}fingerprint"))


def too_many_ssrcs(accept: Element) -> None:
    description = accept.find(f"{{{xml.JINGLE}}}content[@name='video']/{{{xml.RTP}}}description")
    first = video_sources(accept)[0]
    for number in range(20):
        copy = Element(SOURCE, dict(first.attrib, ssrc=str(1000 + number)))
        copy.extend(first)
        description.append(copy)


def unknown_sid(accept: Element) -> None:
    accept.set("sid", "nothing")


@pytest.mark.parametrize(
    ("spoil", "condition", "text"),
    [
        (different_msids, "bad-request", "SsrcGroup contains sources with different MSIDs"),
        (foreign_name, "bad-request", "does not start with the endpoint id"),
        (no_fingerprint, "bad-request", "fingerprint"),
        (too_many_ssrcs, "bad-request", "20 SSRCs"),
        (unknown_sid, "item-not-found", "not a currently active session"),
    ],
)
async def test_wrong_accept_is_refused(jitsi_lab: JitsiLab, spoil, condition: str, text: str) -> None:
    picture = PlainPicture((1, 2, 3))
    async with Watcher(jitsi_lab, "room", video=picture, edit_accept=spoil) as bad, Watcher(jitsi_lab, "room") as good:
        await eventually(lambda: bad.refusals, what="the refusal")
        assert bad.refusals[0].condition == condition
        assert text in bad.refusals[0].text
        await good.connected()
        assert good.frames_decoded == 0
    if condition == "bad-request":
        assert any(text in complaint for complaint in jitsi_lab.complaints)


class Liar(Capabilities):
    ver = "not the hash of what it answers"


@pytest.mark.parametrize(
    ("capabilities", "complaint"),
    [
        (Liar(CAPABILITIES.identities, CAPABILITIES.features), "announced not the hash"),
        (
            Capabilities(CAPABILITIES.identities, CAPABILITIES.features - {"http://jitsi.org/source-name"}),
            "lacks ['http://jitsi.org/source-name']",
        ),
    ],
)
async def test_who_says_the_wrong_things_of_itself_is_not_invited(
    jitsi_lab: JitsiLab, capabilities: Capabilities, complaint: str
) -> None:
    async with Watcher(jitsi_lab, "room", capabilities=capabilities) as bad, Watcher(jitsi_lab, "room") as good:
        await good.connected()
        await eventually(lambda: any(complaint in line for line in jitsi_lab.complaints), what="the complaint")
        assert jitsi_lab.focus.member(bad.id).session is None


async def test_a_refused_session_is_dead(jitsi_lab: JitsiLab) -> None:
    picture = PlainPicture((1, 2, 3))
    async with (
        Watcher(jitsi_lab, "room", video=picture, edit_accept=different_msids) as bad,
        Watcher(jitsi_lab, "room"),
    ):
        await eventually(lambda: bad.refusals, what="the refusal")
        end = xml.element(xml.JINGLE, "jingle", action="session-terminate", sid=bad.sid)
        with pytest.raises(IqError, match="gone"):
            await bad.ask_focus(end)


async def test_an_ssrc_of_somebody_else_is_refused(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room", video=PlainPicture((1, 2, 3))) as owner, Watcher(jitsi_lab, "room") as thief:
        await owner.connected()
        await thief.connected()
        ssrc = next(iter(jitsi_lab.bridge.endpoint(owner.id).streams))
        msid = xml.element(xml.SSMA, "parameter", name="msid", value="stream track")
        source = xml.element(xml.SSMA, "source", msid, ssrc=ssrc, name=f"{thief.id}-v0")
        description = xml.element(xml.RTP, "description", source, media="video")
        content = xml.element(xml.JINGLE, "content", description, name="video", creator="responder")
        add = xml.element(xml.JINGLE, "jingle", content, action="source-add", sid=thief.sid)
        with pytest.raises(IqError, match="already used"):
            await thief.ask_focus(add)


async def test_too_frequent_restarts_are_refused(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        for count in range(1, 6):
            await eventually(lambda count=count: one.sessions == count, what="a session")
            await one.restart()
        await eventually(lambda: one.sessions == 6, what="the sixth session")
        with pytest.raises(IqError, match="resource-constraint"):
            await one.restart()
