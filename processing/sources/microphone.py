"""A microphone of this machine: ALSA on Linux, AVFoundation on macOS, DirectShow on Windows."""

from __future__ import annotations

from collections import deque

from eyeline.processing.errors import SourceError
from eyeline.processing.sound import SAMPLE_RATE_HZ, Samples
from eyeline.processing.sources.blocks import BLOCK_S, AudioBlock, BlockCutter
from eyeline.processing.sources.decoding import AudioDecoder
from eyeline.processing.sources.device_input import DeviceInput, Options, captured_at_s
from eyeline.processing.sources.devices import SYSTEM, WINDOWS, microphone_address

_RATE = {"sample_rate": str(SAMPLE_RATE_HZ)}
_BUFFER_MS = "20"
MAX_BACKLOG_BLOCKS = 5
_GAP_S = 0.05


class MicrophoneReader:
    """Reads one microphone until it is unplugged.

    What comes in one large packet after a stall is cut to its newest part, and is not joined to what was before.

    Args:
        device: Its name; empty for the default one.
        form: libav's name of the kind of device.
    """

    def __init__(self, device: str, *, form: str = SYSTEM.microphones) -> None:
        self._device = device
        self._form = form
        self._input: DeviceInput | None = None
        self._decoder: AudioDecoder | None = None
        self._cutter = BlockCutter()
        self._ready: deque[Samples] = deque(maxlen=MAX_BACKLOG_BLOCKS)
        self._end_s = 0.0
        self._heard_until_s = 0.0

    def open(self) -> None:
        """Open the microphone.

        Raises:
            SourceBusyError: Another program has it.
            SourceDeniedError: This user may not open it.
            SourceMissingError: There is none.
            SourceError: It cannot be opened for another reason.
        """
        what = f"The microphone {self._device}".rstrip()
        self._input = DeviceInput(microphone_address(self._device), self._form, what)
        container = self._input.open(self._wishes())
        if not container.streams.audio:
            raise SourceError(f"{what} gives no sound.", hint="Choose another one.")
        self._decoder = AudioDecoder(container.streams.audio[0], what)

    def read(self) -> AudioBlock | None:
        """The next block, with the time at which the driver got it."""
        if not self._ready:
            self._receive()
        if not self._ready:
            return None
        samples = self._ready.popleft()
        later = len(self._ready) + 1
        return AudioBlock(samples, self._end_s - later * BLOCK_S)

    def skip(self) -> bool:
        """Hear nothing: what is said now must not be sent later."""
        self._ready.clear()
        self._cutter = BlockCutter()
        return self._input is not None and self._input.packet() is not None

    def close(self) -> None:
        """Give the microphone back."""
        if self._input is not None:
            self._input.close()

    def _receive(self) -> None:
        packet = self._input.packet() if self._input else None
        if packet is None or self._decoder is None:
            return
        end_s = captured_at_s(packet)
        if end_s - self._heard_until_s > _GAP_S:
            self._cutter = BlockCutter()
        for frame in self._decoder.decode(packet):
            end_s += frame.samples / frame.sample_rate
            self._ready.extend(self._cutter.add(frame))
        self._heard_until_s = end_s
        self._end_s = end_s - self._cutter.rest / SAMPLE_RATE_HZ

    def _wishes(self) -> list[Options]:
        if self._form == WINDOWS.microphones:  # whose own buffer is half a second long
            return [_RATE | {"audio_buffer_size": _BUFFER_MS}, {"audio_buffer_size": _BUFFER_MS}, {}]
        return [_RATE, {}]
