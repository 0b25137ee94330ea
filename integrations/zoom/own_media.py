"""What becomes of our own picture and sound: who mutes them, whether Zoom takes them, whether they arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from eyeline.integrations.errors import MuteRefusedError
from eyeline.integrations.events import (
    Advice,
    MediaConnected,
    MediaKind,
    MediaLost,
    MeetingEvent,
    Muted,
    VideoSending,
    VideoWanted,
    Waiting,
    WaitingFor,
)
from eyeline.integrations.zoom.bridge.messages import MediaRefused, OwnState, VideoSize

_HOST = "the host"
_SOURCE = "camera"


class _Silencer(Enum):
    """Who keeps a medium from being sent."""

    NOBODY = "nobody"
    US = "us"
    HOST = "host"


@dataclass(slots=True)
class _Medium:
    """One of ours.

    Attributes:
        published: Whether we have it at all.
        silencer: Who muted it.
        was_on: Whether others had it since the join, or since we unmuted: only then can somebody have taken it away.
        wanted: Whether Zoom takes it.
    """

    published: bool
    silencer: _Silencer = _Silencer.NOBODY
    was_on: bool = False
    wanted: bool = False

    @property
    def flows(self) -> bool:
        return self.published and self.wanted and self.silencer is _Silencer.NOBODY


class OwnMedia:
    """Turns what the bridge says of us into events.

    The SDK has no event for a host who stops our camera, so that its state is polled: off, after it was on, and not by
    us, means the host. What the host stopped is never started by us unasked.

    Args:
        emit: Takes events.
        has_video: Whether we publish a picture.
        has_audio: Whether we publish sound.
    """

    def __init__(self, emit: Callable[[MeetingEvent], None], *, has_video: bool, has_audio: bool) -> None:
        self._emit = emit
        self._media = {MediaKind.VIDEO: _Medium(has_video), MediaKind.AUDIO: _Medium(has_audio)}
        self._inside = False
        self._connected = False
        self._may_start_video = True
        self._size: VideoSize | None = None

    def flows(self, kind: MediaKind) -> bool:
        """Whether it is to be handed over now."""
        return self._media[kind].flows

    def enter(self) -> None:
        """We are in the meeting, for the first time or again."""
        self._inside = True
        for medium in self._media.values():
            medium.was_on = False
        self._connect()
        if not self._connected:
            self._emit(Waiting("waiting for Zoom to take the picture", WaitingFor.MEDIA))

    def lose(self, reason: str) -> None:
        """The way to the meeting is gone; what is sent goes on."""
        self._inside = False
        if self._connected:
            self._connected = False
            self._emit(MediaLost(reason))

    def resize(self, size: VideoSize) -> None:
        """Zoom wants another size."""
        if size == self._size:
            return
        self._size = size
        if self._media[MediaKind.VIDEO].wanted:
            self._tell_size(size)

    def want_video(self, wanted: bool) -> None:
        """Zoom takes pictures, or not any more."""
        video = self._media[MediaKind.VIDEO]
        if wanted == video.wanted:
            return
        video.wanted = wanted
        if not wanted:
            self._emit(VideoWanted(0))
            return
        if self._size is None:
            self._emit(VideoWanted(None))
        else:
            self._tell_size(self._size)
        self._connect()

    def want_audio(self, wanted: bool) -> None:
        """Zoom takes sound, or not any more."""
        self._media[MediaKind.AUDIO].wanted = wanted

    def notice(self, state: OwnState) -> None:
        """What the others have of us."""
        self._may_start_video = state.may_start_video
        if self._inside:
            self._compare(MediaKind.VIDEO, on=state.video_on, allowed=state.may_start_video)
            self._compare(MediaKind.AUDIO, on=not state.audio_muted, allowed=True)

    def refuse(self, refused: MediaRefused) -> None:
        """The SDK does not take what we send, or does not start it."""
        if refused.error == "SDKERR_NO_PERMISSION":
            self._silence(MediaKind.VIDEO if "video" in refused.call.lower() else MediaKind.AUDIO)
        else:
            text = f"Zoom's SDK does not take what we send ({refused.call}: {refused.error})."
            self._emit(Advice("media_refused", text))

    def check_unmute(self, kind: MediaKind) -> None:
        """Before we unmute ourselves.

        Raises:
            MuteRefusedError: The host does not allow it.
        """
        if kind is MediaKind.VIDEO and not self._may_start_video:
            raise MuteRefusedError("The host does not let participants start their video.", hint="Ask the host.")

    def mute(self, kind: MediaKind, muted: bool) -> None:
        """We muted or unmuted ourselves."""
        medium = self._media[kind]
        medium.silencer = _Silencer.US if muted else _Silencer.NOBODY
        medium.was_on = False
        self._emit(Muted(kind, muted))

    def _compare(self, kind: MediaKind, *, on: bool, allowed: bool) -> None:
        medium = self._media[kind]
        if not medium.published or medium.silencer is _Silencer.US:
            return
        if on:
            medium.was_on = True
            if medium.silencer is _Silencer.HOST:
                medium.silencer = _Silencer.NOBODY
                self._emit(Muted(kind, False))
        elif medium.was_on or not allowed:
            self._silence(kind)

    def _silence(self, kind: MediaKind) -> None:
        medium = self._media[kind]
        if not medium.published or medium.silencer is not _Silencer.NOBODY:
            return
        medium.silencer = _Silencer.HOST
        medium.was_on = False
        self._emit(Muted(kind, True, by=_HOST))
        self._connect()

    def _connect(self) -> None:
        """Connected is also who may not send: then there is nothing to wait for."""
        video = self._media[MediaKind.VIDEO]
        ready = not video.published or video.wanted or video.silencer is not _Silencer.NOBODY
        if self._inside and ready and not self._connected:
            self._connected = True
            self._emit(MediaConnected())

    def _tell_size(self, size: VideoSize) -> None:
        self._emit(VideoWanted(size.height_px))
        self._emit(VideoSending(_SOURCE, (size.height_px,), "wanted"))
