"""One media session with everything that lives as long as it: the channel to the bridge and the watch over the path."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Literal
from xml.etree.ElementTree import Element

import aiohttp
from aiortc import MediaStreamTrack

from eyeline.config.errors import EyelineError
from eyeline.integrations.errors import MediaPathError
from eyeline.integrations.events import DataReceived, MediaConnected, MediaKind, MeetingEvent, VideoWanted
from eyeline.integrations.jitsi.bridge import BridgeChannel, BridgeState
from eyeline.integrations.jitsi.bridge_data_channel import BridgeDataChannel
from eyeline.integrations.jitsi.bridge_link import BridgeLink
from eyeline.integrations.jitsi.bridge_socket import BridgeSocket
from eyeline.integrations.jitsi.colibri import (
    BridgeMessage,
    EndpointMessage,
    SenderSourceConstraints,
    SourceVideoTypeMessage,
)
from eyeline.integrations.jitsi.jingle import SessionInitiate
from eyeline.integrations.jitsi.media import MediaSession
from eyeline.integrations.jitsi.media_path import PathState
from eyeline.integrations.jitsi.source_info import SourceState
from eyeline.integrations.jitsi.sources import VideoType

logger = logging.getLogger(__name__)


class BridgedSession:
    """Accepts one offer and stays until closed.

    Args:
        offer: Of the focus.
        media: Fresh.
        http: For the bridge channel.
        receive_video: Whether the bridge shall send the others' pictures.
        emit: Takes events.
        on_lost: Told once when the path broke or never opened, with the reason.
    """

    def __init__(
        self,
        offer: SessionInitiate,
        media: MediaSession,
        *,
        http: aiohttp.ClientSession,
        receive_video: bool,
        emit: Callable[[MeetingEvent], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.offer = offer
        self.media = media
        self._http = http
        self._receive_video = receive_video
        self._emit = emit
        self._on_lost = on_lost
        self._muted = dict.fromkeys(MediaKind, False)
        self._bridge: BridgeChannel | None = None
        self._watch: asyncio.Task[None] | None = None

    async def accept(self, responder: str) -> Element:
        """Prepare the answer.

        Raises:
            MediaPathError: The offer lacks our codecs.
            ProtocolError: The offer cannot be used.
        """
        return await self.media.accept(self.offer, responder=responder)

    def begin(self) -> None:
        """The focus took the answer: open the channel to the bridge and watch the path."""
        self._watch = asyncio.create_task(self._accompany(), name="jitsi media session")

    @property
    def own_sources(self) -> Mapping[str, MediaKind]:
        """What we send, by name."""
        return {source.name: source.kind for source in self.media.local_sources}

    @property
    def source_states(self) -> tuple[SourceState, ...]:
        """What our presence says about it."""
        return tuple(
            SourceState(each.name, each.kind, not self.media.shows_screen, screen=True)
            if each.video_type is VideoType.DESKTOP
            else SourceState(each.name, each.kind, self._muted[each.kind])
            for each in self.media.local_sources
        )

    async def share_screen(self, track: MediaStreamTrack) -> Element | None:
        """Send a screen beside the camera; what the focus is to be told, if anything.

        Raises:
            MediaPathError: The session was closed meanwhile, or has no picture.
            ProtocolError: aiortc refuses.
        """
        added = await self.media.share_screen(track)
        await self._describe_all()
        return added

    async def hide_screen(self) -> None:
        """Send the screen no more."""
        self.media.hide_screen()
        await self._describe_all()

    async def send_message(self, payload: object, to: str) -> None:
        """Send an object to another member by way of the bridge, or to all where `to` is empty.

        Raises:
            MediaPathError: There is no channel to the bridge.
        """
        if self._bridge is None or self._bridge.state is not BridgeState.OPEN:
            raise MediaPathError("There is no channel to the bridge now.", hint="It opens soon: try again.")
        await self._bridge.send(EndpointMessage(to=to, msg_payload=payload))

    async def _describe_all(self) -> None:
        if self._bridge is not None:
            await self._describe_video(self._bridge)

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        """Stop or resume sending one kind."""
        self._muted[kind] = muted
        self.media.set_muted(kind, muted)
        if kind is MediaKind.VIDEO and self._bridge is not None:
            await self._describe_video(self._bridge)

    async def close(self) -> None:
        """Close the channel, then the media."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.media.close()

    async def _accompany(self) -> None:
        reason = "The path to the video bridge broke."
        try:
            async with self._bridge_channel():
                await self.media.connected()
                self._emit(MediaConnected())
                reason = await self._wait_lost(reason)
        except EyelineError as error:
            reason = error.message
        except Exception:
            logger.exception("watching the media session failed")
        self._on_lost(reason)

    async def _wait_lost(self, reason: str) -> str:
        """Wait until another session is needed; why."""
        lost = {asyncio.create_task(self.media.wait_closed(), name="jitsi media path")}
        if self._bridge is not None:
            lost.add(asyncio.create_task(self._bridge.wait_broken(), name="jitsi bridge channel"))
        try:
            await asyncio.wait(lost, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in lost:
                each.cancel()
            await asyncio.gather(*lost, return_exceptions=True)
        return reason if self.media.state is PathState.GONE else "The data channel to the video bridge broke."

    @contextlib.asynccontextmanager
    async def _bridge_channel(self) -> AsyncIterator[None]:
        links = self._bridge_links()
        if not links:
            logger.warning("the server offers no channel to the bridge: sizes cannot be adapted")
            yield
            return
        async with BridgeChannel(links, on_message=self._heard, receive_video=self._receive_video) as self._bridge:
            if self._muted[MediaKind.VIDEO] or self.media.shows_screen:
                await self._describe_video(self._bridge)
            yield

    def _bridge_links(self) -> list[BridgeLink]:
        """The WebSocket first: it needs no media path."""
        links: list[BridgeLink] = []
        if self.media.bridge_url is not None:
            links.append(BridgeSocket(self.media.bridge_url, self._http))
        if self.media.offers_data_channel:
            links.append(BridgeDataChannel(self.media.create_data_channel))
        return links

    async def _describe_video(self, bridge: BridgeChannel) -> None:
        """Others show our avatar instead of a frozen picture when the bridge knows that we are muted."""
        for state in self.source_states:
            if state.kind is MediaKind.VIDEO:
                shown: Literal["desktop", "camera"] = "desktop" if state.screen else "camera"
                video_type = "none" if state.muted else shown
                await bridge.send(SourceVideoTypeMessage(source_name=state.name, video_type=video_type))

    def _heard(self, message: BridgeMessage) -> None:
        match message:
            case EndpointMessage():
                self._emit(DataReceived(message.from_, message.msg_payload))
            case SenderSourceConstraints(source_name=name) if name in self.own_sources:
                wanted_px = message.max_height if message.max_height >= 0 else None
                if name == self._camera_name:
                    self._emit(VideoWanted(wanted_px))
                self.media.want_video(name, wanted_px)

    @property
    def _camera_name(self) -> str:
        sources = self.media.local_sources
        return next((each.name for each in sources if each.video_type is VideoType.CAMERA), "")
