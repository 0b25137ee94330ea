"""Our microphone: sound from the socket to Zoom."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.messages import AudioWanted, Event, MediaRefused

HEADER = struct.Struct("=IB")
"""Before the samples of each packet: rate in Hz, number of channels."""

_LARGEST_PACKET_BYTES = 64 * 1024
_MOST_AT_ONCE = 16


class AudioOut:
    """A microphone for the whole stay.

    Args:
        sdk: The SDK.
        loop: Watches the socket.
        descriptor: Of a socket that keeps packets apart; becomes this object's own.
        say: Tells the meeting process.
    """

    def __init__(self, sdk: Held, loop: Loop, descriptor: int, say: Callable[[Event], None]) -> None:
        self._sdk = sdk
        self._say = say
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)
        self._channels = {
            1: sdk.enum("ZoomSDKAudioChannel", "ZoomSDKAudioChannel_Mono"),
            2: sdk.enum("ZoomSDKAudioChannel", "ZoomSDKAudioChannel_Stereo"),
        }
        self._sender: SdkObject | None = None
        self._wanted = False
        self._last_error = SUCCESS
        self.sent = 0
        self._forget = loop.watch(self._socket.fileno(), sdk.safe("sound", self._readable))

    def attach(self) -> bool:
        """Make ourselves the microphone of the meeting that has begun, whose sound was joined; whether we are."""
        helper = self._sdk.call("GetAudioRawdataHelper")
        if helper is None:
            self._say(MediaRefused("GetAudioRawdataHelper", "None"))
            return False
        source = self._sdk.callbacks(
            "ZoomSDKVirtualAudioMicEventCallbacks",
            onMicInitializeCallback=self._initialized,
            onMicStartSendCallback=self._start,
            onMicStopSendCallback=self._stop,
            onMicUninitializedCallback=self._uninitialized,
        )
        error = self._sdk.do(helper, "setExternalAudioSource", source)
        if error != SUCCESS:
            self._say(MediaRefused("setExternalAudioSource", error))
        return error == SUCCESS

    def _initialized(self, sender: SdkObject) -> None:
        self._sender = self._sdk.keep(sender)

    def _start(self) -> None:
        self._wanted = True
        self._say(AudioWanted(wanted=True))

    def _stop(self) -> None:
        if self._wanted:
            self._wanted = False
            self._say(AudioWanted(wanted=False))

    def _uninitialized(self) -> None:
        self._sender = None
        self._stop()

    def _readable(self) -> None:
        """What is not wanted is read all the same: sound that waits is sound that comes late for ever after."""
        for _ in range(_MOST_AT_ONCE):
            try:
                packet = self._socket.recv(_LARGEST_PACKET_BYTES)
            except BlockingIOError:
                return
            if not packet:  # the meeting process is gone, which the control socket says too
                self._forget()
                return
            self._take(packet)

    def _take(self, packet: bytes) -> None:
        if self._sender is None or not self._wanted or len(packet) <= HEADER.size:
            return
        rate_hz, channels = HEADER.unpack_from(packet)
        error = self._sdk.do(self._sender, "send", packet[HEADER.size :], rate_hz, self._channels[channels])
        if error == SUCCESS:
            self.sent += 1
        elif error != self._last_error:
            self._say(MediaRefused("send", error))
        self._last_error = error
