"""What connects us to the bridge process: control, wake-ups and sound; pictures have a ring of their own."""

from __future__ import annotations

import os
import socket
import struct
from types import TracebackType
from typing import Final, Self

_SOUND_HEAD: Final = struct.Struct("=IB")  # rate_hz, channels; 16-bit samples follow
_SOUND_BUFFER_BYTES: Final = 32 * 1024  # some two hundred milliseconds: what is older is of no use


class BridgeChannels:
    """Both ends of everything; a context manager. The bridge's ends are closed once it has its own copies."""

    def __init__(self) -> None:
        self.control, self._far_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sound, self._far_sound = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.control.setblocking(False)
        self._sound.setblocking(False)
        self._sound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOUND_BUFFER_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_far_ends()
        self.control.close()
        self._sound.close()
        wake, self._wake = self._wake, -1
        if wake >= 0:
            os.close(wake)

    @property
    def far_ends(self) -> tuple[int, int, int]:
        """Descriptors for the bridge: control, wake, sound."""
        return self._far_control.fileno(), self._wake, self._far_sound.fileno()

    def close_far_ends(self) -> None:
        """After this the bridge's end shows on the control socket."""
        self._far_control.close()
        self._far_sound.close()

    def wake(self) -> None:
        """Tell that there is a new picture; never waits. Does nothing once closed."""
        if self._wake >= 0:
            os.eventfd_write(self._wake, 1)

    def send_sound(self, samples: bytes, *, rate_hz: int, channels: int) -> bool:
        """Hand sound over; dropped when the bridge is behind.

        Args:
            samples: 16-bit little-endian, interleaved.
            rate_hz: Of the samples.
            channels: 1 or 2.

        Returns:
            Whether it was taken.
        """
        try:
            self._sound.send(_SOUND_HEAD.pack(rate_hz, channels) + samples)
        except OSError:  # full, closed, or nobody there any more: the control socket tells which
            return False
        return True
