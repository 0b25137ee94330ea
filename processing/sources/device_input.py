"""A camera or microphone opened by libav, read without ever blocking for long.

A driver may never deliver (a virtual camera that nobody feeds): a read that blocks could not be ended, and the device
would stay taken. So devices are opened in libav's non-blocking mode and asked again and again.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet

from eyeline.processing.errors import SourceError
from eyeline.processing.sources.libav_errors import libav_words, said_errno, translated
from eyeline.processing.sources.reader import WAIT_S

_OPEN_TIMEOUT_S = 5.0
_POLL_S = 0.004
_NON_BLOCKING = {"fflags": "+4"}  # AVFMT_FLAG_NONBLOCK, which has no name among libav's options
_MAX_DELAY_S = 0.5

# What drivers answer to a size, a rate or a format that they do not have.
_ABOUT_OPTIONS = (errno.EINVAL, errno.EIO, errno.ENOTSUP, errno.ENOSYS, errno.ERANGE)

Options = Mapping[str, str]


class _Refused(Exception):  # noqa: N818 - a signal inside this module
    def __init__(self, error: av.FFmpegError, number: int | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.number = number


class DeviceInput:
    """An open device.

    Args:
        address: What libav opens.
        form: libav's name of the kind of device.
        what: The device, to begin a sentence with.
    """

    def __init__(self, address: str, form: str, what: str) -> None:
        self._address = address
        self._form = form
        self._what = what
        self._container: InputContainer | None = None
        self._packets: Iterator[Packet[Any]] = iter(())

    def open(self, wishes: Sequence[Options]) -> InputContainer:
        """Open the device with the first options that it takes.

        Raises:
            SourceError: It takes none of them, or cannot be opened at all.
        """
        for number, options in enumerate(wishes, 1):
            try:
                self._container = self._opened(options)
                break
            except _Refused as refused:
                if number == len(wishes) or refused.number not in _ABOUT_OPTIONS:
                    raise translated(self._what, refused.error, refused.number) from None
        assert self._container is not None  # noqa: S101 - for mypy: the last wish opens or raises
        self._packets = self._container.demux()
        return self._container

    def packet(self) -> Packet[Any] | None:
        """The next packet, or `None` when none came within `WAIT_S`.

        Raises:
            SourceError: The device is gone.
        """
        give_up_at_s = time.monotonic() + WAIT_S
        while time.monotonic() < give_up_at_s:
            try:
                packet = next(self._packets, None)
            except av.error.BlockingIOError:
                time.sleep(_POLL_S)
                if self._container is not None:
                    self._packets = self._container.demux()
            except av.FFmpegError as error:
                raise translated(self._what, error) from None
            else:
                if packet is None:
                    raise SourceError(f"{self._what} ended.", hint="Is it still connected?")
                return packet
        return None

    def close(self) -> None:
        """Give the device back."""
        if self._container is not None:
            self._container.close()

    def _opened(self, options: Options) -> InputContainer:
        all_options = {**_NON_BLOCKING, **options}
        words: list[str] = []
        try:
            with libav_words(words):
                return av.open(self._address, format=self._form, options=all_options, timeout=(_OPEN_TIMEOUT_S, None))
        except av.FFmpegError as error:
            raise _Refused(error, said_errno(words) or error.errno) from None


def captured_at_s(packet: Packet[Any]) -> float:
    """When a device captured this, on the monotonic clock.

    Drivers stamp packets by the monotonic or by the wall clock; a stamp that fits neither is not believed.
    """
    now_s = time.monotonic()
    if packet.pts is None or packet.time_base is None:
        return now_s
    stamp_s = float(packet.pts * packet.time_base)
    for clock_s in (now_s, time.time()):
        if 0 <= clock_s - stamp_s < _MAX_DELAY_S:
            return now_s - (clock_s - stamp_s)
    return now_s
