"""A member of the meeting that shares no code with Eyeline: it judges what the others send.

XMPP by slixmpp over TCP (Eyeline: its own client over WebSocket), media by a plain aiortc peer connection, the bridge
channel by aiohttp.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Self
from xml.etree.ElementTree import Element

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from numpy.typing import NDArray

from jitsi_lab import xml
from jitsi_lab.caps import Capabilities
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.prosody import DOMAIN, FOCUS_DOMAIN
from jitsi_lab.room import FOCUS_NICK, REQUIRED_FEATURES
from jitsi_lab.tasks import Tasks
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher_channel import WatcherChannel
from jitsi_lab.watcher_media import Screen, WatcherMedia
from jitsi_lab.watcher_room import ChatLine, Seen, WatchedRoom
from jitsi_lab.watcher_sdp import read_compact
from jitsi_lab.xmpp_link import IqError, XmppLink

CAPS_NODE = "https://example.org/watcher"
CAPABILITIES = Capabilities(
    ("client/bot//watcher",),
    REQUIRED_FEATURES | {"urn:xmpp:jingle:apps:rtp:video", "urn:ietf:rfc:4588", "http://jitsi.org/remb"},
)
JOIN_TIMEOUT_S = 90.0


class Watcher:
    """One membership. Entering joins the room; media come when a second member is there.

    Args:
        lab: The deployment.
        room: Room name.
        name: Display name.
        audio: Sound to publish, if any.
        video: Picture to publish, if any.
        max_height_px: How tall the others' pictures are asked for; 0 for none.
        capabilities: What is announced and answered.
        edit_accept: Spoils the session-accept before it is sent, to see what the focus says.

    Attributes:
        id: Our endpoint id.
        screen: What is received, member by member.
        channel: The bridge channel.
        refusals: The focus's answers to session-accepts that it did not take.
        sessions: How many sessions were accepted.
        sid: The latest session.
    """

    def __init__(
        self,
        lab: JitsiLab,
        room: str,
        *,
        name: str = "Watcher",
        audio: MediaStreamTrack | None = None,
        video: MediaStreamTrack | None = None,
        max_height_px: int = 720,
        capabilities: Capabilities = CAPABILITIES,
        edit_accept: Callable[[Element], None] | None = None,
    ) -> None:
        self.id = secrets.token_hex(4)
        self.screen = Screen()
        self.channel = WatcherChannel(max_height_px)
        self.refusals: list[IqError] = []
        self.sessions = 0
        self.sid = ""
        self._lab = lab
        self._room_jid = lab.room_jid(room)
        self._room = WatchedRoom(self.id)
        self._name = name
        self._published = (audio, video)
        self._capabilities = capabilities
        self._edit_accept = edit_accept
        self._relay = MediaRelay()
        self._media: WatcherMedia | None = None
        self._bridge_session_id = ""
        self._inbox: asyncio.Queue[Element] = asyncio.Queue()
        self._link = XmppLink.anonymous(DOMAIN, "127.0.0.1", lab.server.c2s_port, self._inbox.put_nowait)
        self._faults: list[str] = []
        self._tasks = Tasks(self._faults.append)
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            await exits.enter_async_context(self._link)
            exits.push_async_callback(self._end_media)
            exits.push_async_callback(self._tasks.close)
            self._tasks.spawn(self._work())
            await self._join()
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.leave()
        if kind is None and self._faults:
            raise AssertionError(f"the watcher itself failed: {self._faults}")

    async def _join(self) -> None:
        request = xml.element(xml.FOCUS, "conference", room=self._room_jid)
        request.set("machine-uid", secrets.token_hex(16))
        await self._link.request(FOCUS_DOMAIN, "set", request)
        self._link.send(self._presence(xml.element(xml.MUC, "x")))
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            await self._room.joined

    def _presence(self, *children: Element) -> Element:
        published = zip(("a0", "v0"), self._published, strict=True)
        sends = self._media is not None
        info = {f"{self.id}-{name}": {"muted": False} for name, track in published if track is not None and sends}
        return self._link.stanza(
            "presence",
            *children,
            xml.element(xml.CAPS, "c", hash="sha-1", node=CAPS_NODE, ver=self._capabilities.ver),
            self._link.custom("SourceInfo", text=json.dumps(info)),
            self._link.custom("jitsi_participant_codecList", text="vp8,h264"),
            xml.element(xml.NICK, "nick", text=self._name),
            to=f"{self._room_jid}/{self.id}",
        )

    async def leave(self) -> None:
        """Go, telling the others. A second time it does nothing."""
        if self._media is not None:
            with contextlib.suppress(IqError, TimeoutError):
                await self._terminate(xml.element(xml.JINGLE, "success"))
        self._link.send(self._link.stanza("presence", type="unavailable", to=f"{self._room_jid}/{self.id}"))
        await self._exits.aclose()

    # What tests look at.

    @property
    def participants(self) -> Mapping[str, Seen]:
        """The others, by endpoint id."""
        return self._room.participants

    @property
    def chat(self) -> list[ChatLine]:
        """What the others said, oldest first."""
        return self._room.chat

    async def frame(self, timeout_s: float = 60.0, *, of: str | None = None) -> NDArray[np.uint8]:
        """The next decoded picture (of one endpoint id), as BGR `uint8` of shape (height, width, 3).

        Raises:
            TimeoutError: None was decoded.
        """
        try:
            return await self.screen.next_frame(of, timeout_s)
        except TimeoutError as error:
            why = await self._situation(of)
            raise TimeoutError(f"no picture of {of or 'anybody'} for {timeout_s:.0f} s: {why}") from error

    async def _situation(self, owner: str | None) -> str:
        """What may tell why no picture comes."""
        ledger = self._lab.bridge.ledger
        return (
            f"{await self._media.describe() if self._media else 'no media session'};"
            f" channel {'open' if self.channel.is_open else 'closed'}, its last words {self.channel.messages[-3:]};"
            f" in the room {[*self.participants]}, decoded {dict(self.screen.frames_decoded)};"
            f" the bridge has seen RTP {dict(ledger.packets)}, asked for keyframes {dict(ledger.keyframe_requests)},"
            f" forwarded {dict(ledger.forwarded)} and {self._lab.bridge.describe(self.id, owner)}"
        )

    @property
    def frames_decoded(self) -> int:
        """How many pictures were decoded."""
        return self.screen.frames_decoded.total()

    @property
    def audio_samples(self) -> int:
        """How many sound samples were decoded."""
        return self.screen.samples.total()

    @property
    def audio_level(self) -> float:
        """Root mean square of the newest sound, 0 to 1; of the loudest member."""
        return max(self.screen.levels.values(), default=0.0)

    @property
    def media_state(self) -> str:
        """Connection state of the media path, `closed` when there is none."""
        return self._media.state if self._media is not None else "closed"

    async def connected(self, timeout_s: float = 60.0) -> None:
        """Wait for the media path.

        Raises:
            AssertionError: There is none in time.
        """
        await eventually(lambda: self.media_state == "connected", timeout_s=timeout_s, what="media of the watcher")

    # What tests make it do.

    def say(self, text: str) -> None:
        """Say a line to all."""
        body = self._link.custom("body", text=text)
        self._link.send(self._link.stanza("message", body, type="groupchat", to=self._room_jid))

    def say_to(self, endpoint_id: str, text: str) -> None:
        """Say a line to one member."""
        body = self._link.custom("body", text=text)
        self._link.send(self._link.stanza("message", body, type="chat", to=f"{self._room_jid}/{endpoint_id}"))

    async def mute(self, endpoint_id: str, kind: str) -> None:
        """Have the focus mute a member; only a moderator may.

        Raises:
            IqError: The focus refused.
        """
        jid = f"{self._room_jid}/{endpoint_id}"
        await self.ask_focus(xml.element(f"{xml.JITMEET}/{kind}", "mute", text="true", jid=jid))

    async def restart(self) -> None:
        """Ask the focus for a fresh session, as after a failure of ICE.

        Raises:
            IqError: The focus refused.
        """
        await self._terminate(xml.element(xml.JINGLE, "connectivity-error"), restart="true")

    async def _terminate(self, reason: Element, **attributes: str) -> None:
        why = xml.element(xml.JINGLE, "reason", reason)
        which = xml.element(xml.FOCUS, "bridge-session", id=self._bridge_session_id, **attributes)
        await self.ask_focus(xml.element(xml.JINGLE, "jingle", why, which, action="session-terminate", sid=self.sid))

    async def ask_focus(self, payload: Element) -> Element:
        """Send the focus any IQ and return its answer.

        Raises:
            IqError: The focus refused.
        """
        return await self._link.request(f"{self._room_jid}/{FOCUS_NICK}", "set", payload)

    # What comes in.

    async def _work(self) -> None:
        while True:
            stanza = await self._inbox.get()
            match xml.local_name(stanza.tag):
                case "presence":
                    self._room.on_presence(stanza)
                case "message":
                    self._room.on_message(stanza)
                case "iq" if stanza.get("type") == "set":
                    await self._on_command(stanza)
                case "iq" if stanza.get("type") == "get":
                    self._on_question(stanza)

    def _on_question(self, iq: Element) -> None:
        query = iq.find(f"{{{xml.DISCO_INFO}}}query")
        if query is None:
            self._link.refuse(iq, "service-unavailable")
            return
        features = [xml.element(xml.DISCO_INFO, "feature", var=feature) for feature in self._capabilities.features]
        identity = xml.element(xml.DISCO_INFO, "identity", category="client", type="bot", name="watcher")
        self._link.reply(iq, xml.element(xml.DISCO_INFO, "query", identity, *features, node=query.get("node")))

    async def _on_command(self, iq: Element) -> None:
        self._link.reply(iq)
        jingle = iq.find(f"{{{xml.JINGLE}}}jingle")
        if jingle is None:
            return
        match jingle.get("action"):
            case "session-initiate":
                await self._end_media()
                await self._start_media(jingle)
            case "session-terminate":
                await self._end_media()
            case "source-add" if self._media is not None:
                await self._media.add(list(read_compact(self._sources(jingle))))
            case "source-remove" if self._media is not None:
                await self._media.remove({source.name for source in read_compact(self._sources(jingle))})

    @staticmethod
    def _attribute(jingle: Element, path: str, name: str) -> str:
        found = jingle.find(path)
        return found.get(name, "") if found is not None else ""

    @staticmethod
    def _sources(jingle: Element) -> dict[str, Any]:
        sources: dict[str, Any] = json.loads(jingle.findtext(f"{{{xml.JITMEET}}}json-message") or "{}")["sources"]
        return sources

    async def _start_media(self, jingle: Element) -> None:
        self.sid = jingle.get("sid", "")
        self._bridge_session_id = self._attribute(jingle, f"{{{xml.FOCUS}}}bridge-session", "id")
        # A peer connection ends its tracks when it is closed; the next session needs them alive.
        audio, video = (self._relay.subscribe(track, buffered=False) if track else None for track in self._published)
        self._media = WatcherMedia(jingle, self.screen, audio, video)
        if not await self._accept(self._media):
            await self._end_media()
            return
        self.sessions += 1
        self._link.send(self._presence())
        if jingle.find(f".//{{{xml.COLIBRI}}}web-socket") is not None:
            self._tasks.spawn(self.channel.listen(self._attribute(jingle, f".//{{{xml.COLIBRI}}}web-socket", "url")))
        await self._media.add(list(read_compact(self._sources(jingle))))

    async def _accept(self, media: WatcherMedia) -> bool:
        accept = await media.accept(self.id, self._link.jid)
        if self._edit_accept is not None:
            self._edit_accept(accept)
        try:
            await self.ask_focus(accept)
        except IqError as refusal:
            self.refusals.append(refusal)
            return False
        return True

    async def _end_media(self) -> None:
        if self._media is not None:
            media, self._media = self._media, None
            await media.close()
