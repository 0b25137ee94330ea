"""A sound file, or the sound of a video file, as a microphone: looped, at its own pace."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from eyeline.processing.container import open_container
from eyeline.processing.errors import SourceError
from eyeline.processing.sound import SAMPLE_RATE_HZ, Samples
from eyeline.processing.sources.blocks import BLOCK_S, AudioBlock, BlockCutter
from eyeline.processing.sources.clip import round_length_s, start_of
from eyeline.processing.sources.decoding import MAX_PIXELS, AudioDecoder
from eyeline.processing.sources.pace import Pace
from eyeline.processing.sources.reader import WAIT_S

_LATE_S = 0.1


class AudioFileReader:
    """Plays a file, round and round without a gap.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._blocks = looped_blocks(path, f"The file {path.name}")
        self._pace = Pace()
        self._number = 0
        self._next: Samples | None = None

    def open(self) -> None:
        """Open the file and decode its beginning.

        Raises:
            SourceError: It is missing, damaged, or holds no sound.
        """
        self._next = next(self._blocks)

    def read(self) -> AudioBlock | None:
        """The next block at its time; one that is too late is passed over."""
        due_s = self._pace.due_s(self._number * BLOCK_S)
        wait_s = due_s - time.monotonic()
        time.sleep(max(0.0, min(wait_s, WAIT_S)))
        if wait_s > WAIT_S or self._next is None:
            return None
        samples, self._next = self._next, next(self._blocks)
        self._number += 1
        return AudioBlock(samples, due_s) if time.monotonic() - due_s <= _LATE_S else None

    def skip(self) -> bool:
        """Let the time of one block pass."""
        self.read()
        return True

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()


def looped_blocks(path: Path, what: str) -> Generator[Samples, None, None]:
    """All sound, again and again; a block may hold the end of one round and the beginning of the next."""
    cutter = BlockCutter()
    while True:
        made = -cutter.rest
        with open_container(path, max_pixels=MAX_PIXELS) as container:
            for samples in _one_round(container, _sound(container, what), cutter, what):
                made += len(samples)
                yield samples
            made += cutter.rest
            if made <= 0:
                raise SourceError(f"{what} has no sound that can be decoded.")
            yield from cutter.add_silence(_rest_of_picture(container, made))


def _one_round(
    container: InputContainer, stream: AudioStream, cutter: BlockCutter, what: str
) -> Generator[Samples, None, None]:
    decoder = AudioDecoder(stream, what)
    lead_s = float((stream.start_time or 0) * (stream.time_base or 0)) - start_of(container)
    yield from cutter.add_silence(max(0, round(lead_s * SAMPLE_RATE_HZ)))
    for packet in container.demux(stream):
        for frame in decoder.decode(packet):
            yield from cutter.add(frame)
    yield from cutter.finish()


def _rest_of_picture(container: InputContainer, samples: int) -> int:
    """Samples of silence until the picture beside the sound has ended, too."""
    if all(stream.disposition & Disposition.attached_pic for stream in container.streams.video):
        return 0
    length_s = round_length_s(container, samples / SAMPLE_RATE_HZ)
    return round(length_s * SAMPLE_RATE_HZ) - samples


def _sound(container: InputContainer, what: str) -> AudioStream:
    if not container.streams.audio:
        raise SourceError(f"{what} has no sound.", hint="Choose another file, or silence.")
    return container.streams.audio[0]
