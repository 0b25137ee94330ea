"""The bot as it runs for a person, in a room and behind its REST interface, with a viewer of its picture."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiortc import RTCRtpSender, RTCSessionDescription

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.api.server import Api
from eyeline.bot.bench.chat_room import ChatRoom
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.events import BotEvent
from eyeline.bot.host import Host
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.settings import load_settings
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection
from eyeline.processing.tracks import OutgoingVideoTrack

NAME = "Bench"
_OPEN_S = 60.0


class SteeredBot:
    """The role: host, studio, control, chat and REST interface, all of them as in the product.

    Args:
        websocket_url: Of the server of the room.
        codec: `VP8` or `H264`.
        size_px: Of the picture.
    """

    def __init__(self, websocket_url: str, codec: str, size_px: tuple[int, int]) -> None:
        self._url = websocket_url
        self._codec = codec
        self._size_px = size_px
        self._token = secrets.token_urlsafe(24)
        self._codes: list[str] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        settings = load_settings(
            {
                "video.source": "pattern",
                "video.width_px": self._size_px[0],
                "video.height_px": self._size_px[1],
                "effects.background": "color:#101010",
                "effects.remember": False,
                "meeting.name": NAME,
                "meeting.notice": "",
                "chat.cooldown_s": 0,
                "log.level": "warning",
            }
        ).settings
        hub = EventHub()

        def emit(event: BotEvent) -> None:
            hub.publish(event)

        async with AsyncExitStack() as stack:
            host = Host(
                StudioPlan.of(settings),
                settings,
                emit=emit,
                announce=self._codes.append,
                opener_of=lambda _, __: lambda _video, _audio: ChatRoom(self._url, NAME),
            )
            self._host = await stack.enter_async_context(host)
            api = Api(host, hub, token=self._token, address="127.0.0.1", port=0)
            self._api = await stack.enter_async_context(api)
            host.join("https://bench.test/Room")
            self._studio = await self._opened()
            self._connection = LivePeerConnection()
            stack.push_async_callback(self._connection.close)
            transceiver = self._connection.addTransceiver(OutgoingVideoTrack(self._studio.video), direction="sendonly")
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([codec for codec in codecs if codec.name in (self._codec, "rtx")])
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def offer(self) -> str:
        """The offer to the viewer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        """Begin to send."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def access(self) -> dict[str, str]:
        """Where the REST interface is, its token, and the code to claim with."""
        return {"url": self._api.url, "token": self._token, "code": self._codes[-1]}

    async def begin(self) -> None:
        """The measurement begins."""
        self._studio.loop_lag.forget()

    async def counts(self) -> dict[str, Any]:
        """What happened so far."""
        lag = self._studio.loop_lag.percentiles()
        stay = self._host.current
        return {
            "processed": self._studio.processed,
            "restarts": self._studio.restarts,
            "tier": self._studio.picture.tier.value,
            "loop_lag_ms": lag.to_json() if lag else None,
            "state": stay.state.value if stay else "none",
        }

    async def _opened(self) -> Studio:
        """The studio of the stay, once its meeting is joined."""
        try:
            async with asyncio.timeout(_OPEN_S):
                while not (self._host.stage.studio and self._host.control.report.in_meeting):
                    if self._host.current is None:
                        await self._host.ended(self._host.stays[-1])
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise BenchError("The bot did not join the room of the measurement.") from None
        return self._host.stage.studio
