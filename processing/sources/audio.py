"""Any audio source that we open, kept alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from eyeline.processing.sources.audio_file import AudioFileReader
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.microphone import MicrophoneReader
from eyeline.processing.sources.reader import BlockReader
from eyeline.processing.sources.retry import DEFAULT_POLICY, RetryPolicy
from eyeline.processing.sources.spec import FileSpec, MicrophoneSpec, OpenedAudioSpec, SilenceSpec
from eyeline.processing.sources.state import SourceState
from eyeline.processing.sources.supervised import Supervised


class AudioSource:
    """Delivers sound from entering to leaving, whatever happens to the device behind it.

    Silence delivers nothing and has no states: it cannot be lost.

    Args:
        spec: Which source.
        on_block: Takes every block, in the source's thread; must not block.
        on_state: Takes every change of state, in the event loop.
        policy: Time limits.
    """

    def __init__(
        self,
        spec: OpenedAudioSpec | SilenceSpec,
        *,
        on_block: Callable[[AudioBlock], None],
        on_state: Callable[[SourceState], None] = lambda _: None,
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        self._stack = AsyncExitStack()
        self._source: Supervised[AudioBlock] | None = None
        if not isinstance(spec, SilenceSpec):
            self._source = Supervised(
                _in_words(spec), lambda: audio_reader(spec), on_item=on_block, on_state=on_state, policy=policy
            )

    async def __aenter__(self) -> Self:
        if self._source is not None:
            await self._stack.enter_async_context(self._source)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def state(self) -> SourceState | None:
        """The newest state; `None` before the first one, and for silence."""
        return self._source.state if self._source else None

    async def opened(self) -> None:
        """Wait until the first attempt has delivered its first block.

        Raises:
            SourceError: It failed; the source goes on trying.
        """
        if self._source is not None:
            await self._source.opened()

    def pause(self) -> None:
        """Deliver nothing. The device stays open."""
        if self._source is not None:
            self._source.pause()

    def resume(self) -> None:
        """Deliver again."""
        if self._source is not None:
            self._source.resume()


def audio_reader(spec: OpenedAudioSpec) -> BlockReader:
    """The reader of a source, not yet open."""
    match spec:
        case MicrophoneSpec(device):
            return MicrophoneReader(device)
        case FileSpec(path):
            return AudioFileReader(path)


def _in_words(spec: OpenedAudioSpec) -> str:
    match spec:
        case MicrophoneSpec(device):
            return f"The microphone {device}".rstrip()
        case FileSpec(path):
            return f"The file {path.name}"
