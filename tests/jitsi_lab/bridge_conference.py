"""The members of one meeting at the bridge, and who of them gets which video."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from jitsi_lab.allocation import tallest
from jitsi_lab.channel import Message
from jitsi_lab.endpoint import Endpoint
from jitsi_lab.sources import Source, SourceSet


def _random_ssrc() -> int:
    return secrets.randbelow(2**32 - 1) + 1


class BridgeConference:
    """One meeting.

    Attributes:
        id: As in the URL of the channel.
        endpoints: The members by endpoint id.
        placeholders: The bridge's own sources `jvb-v0` and `jvb-a0`; belong to nobody and carry only padding.
        pinned_px: Heights that a test dictates, by source name.
    """

    def __init__(self) -> None:
        self.id = secrets.token_hex(8)
        self.endpoints: dict[str, Endpoint] = {}
        self.pinned_px: dict[str, int] = {}
        self._allocations = 0
        self.placeholders = SourceSet(
            (
                Source(_random_ssrc(), "jvb-v0", "mixedmslabel mixedlabelvideo0", "video", "camera"),
                Source(_random_ssrc(), "jvb-a0", "mixedmslabel mixedlabelaudio0", "audio"),
            )
        )

    def others(self, endpoint: Endpoint) -> Iterator[Endpoint]:
        """Everybody else; safe against members that come and go meanwhile."""
        return (other for other in list(self.endpoints.values()) if other is not endpoint)

    def sender_of(self, ssrc: int) -> Endpoint | None:
        """Who sends an SSRC."""
        return next((endpoint for endpoint in self.endpoints.values() if ssrc in endpoint.streams), None)

    def remove(self, endpoint: Endpoint) -> None:
        """Forget a member, unless another session of the same member has taken its place."""
        if self.endpoints.get(endpoint.id) is endpoint:
            del self.endpoints[endpoint.id]

    async def allocate_video(self) -> None:
        """Decide anew who gets which video; tell receivers what comes and senders how tall it is wanted.

        One that is decided meanwhile, while a member is slow to be told, is newer and tells in place of this one.
        """
        self._allocations += 1
        allocation = self._allocations
        wants_px: dict[str, list[int]] = {}
        for receiver in list(self.endpoints.values()):
            names = [name for other in self.others(receiver) for name in other.video_names]
            wanted_px = receiver.settings.wanted_heights_px(names)
            for name, height_px in wanted_px.items():
                wants_px.setdefault(name, []).append(height_px)
            receiver.wanted_px = wanted_px
            await self._watch(receiver, tuple(name for name, height_px in wanted_px.items() if height_px))
            if allocation != self._allocations:
                return
        for sender in list(self.endpoints.values()):
            for name in sender.video_names:
                await sender.tell_height(name, self.pinned_px.get(name, tallest(wants_px.get(name, []))))
                if allocation != self._allocations:
                    return

    async def _watch(self, receiver: Endpoint, names: tuple[str, ...]) -> None:
        ended = set(receiver.forwarded_names) - set(names)
        changed = names != receiver.forwarded_names
        receiver.forwarded_names = names
        for sender in self.others(receiver):
            for ssrc, stream in sender.streams.items():
                if stream.source.name in ended:
                    receiver.stop_watching(ssrc)
        if changed and receiver.channel is not None:
            await receiver.channel.send("ForwardedSources", forwardedSources=list(names))

    async def relay(self, sender: Endpoint, message: Message, *, to: str) -> None:
        """Pass a channel message on: to one member, or to all others when `to` is empty."""
        fields = {key: value for key, value in message.items() if key != "colibriClass"} | {"from": sender.id}
        for receiver in self.others(sender):
            if receiver.channel is not None and to in ("", receiver.id):
                await receiver.channel.send(message["colibriClass"], **fields)
