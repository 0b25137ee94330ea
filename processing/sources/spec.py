"""Where picture and sound come from, as a person writes it.

Video::

    camera | camera:2 | camera:/dev/video2 | camera:NAME | browser | pattern | FILE
    rtsp://.. | rtsps://.. | http(s)://..

A screen, for a background::

    screen | screen:N | screen:WxH+X+Y

Audio::

    silence | microphone | microphone:NAME | browser | FILE
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from eyeline.config.errors import UsageError
from eyeline.config.paths import whole_path
from eyeline.config.redaction import MASK, redact_text


class SourceTextError(UsageError):
    """The text names no source that there could be."""

    code = "source"


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera.

    Args:
        device: Its number, path or name; empty for the first one.
    """

    device: str = ""

    def __str__(self) -> str:
        return f"camera:{self.device}" if self.device else "camera"


@dataclass(frozen=True, slots=True)
class PatternSpec:
    """A test pattern."""

    def __str__(self) -> str:
        return "pattern"


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A picture, video or sound file; what is inside is found when it is opened."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A stream of the network. As text it shows no password."""

    url: str

    def __str__(self) -> str:
        return redacted_url(self.url)

    def __repr__(self) -> str:
        return f"StreamSpec({redacted_url(self.url)!r})"


@dataclass(frozen=True, slots=True)
class ScreenPart:
    """A part of a screen, in pixels."""

    width_px: int
    height_px: int
    left_px: int
    top_px: int

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px}+{self.left_px}+{self.top_px}"


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """A screen of this machine.

    Args:
        number: Which one; 0 is the first.
        part: Only this part of it.
    """

    number: int = 0
    part: ScreenPart | None = None

    def __str__(self) -> str:
        if self.part is not None:
            return f"screen:{self.part}"
        return f"screen:{self.number}" if self.number else "screen"


@dataclass(frozen=True, slots=True)
class SilenceSpec:
    """No sound."""

    def __str__(self) -> str:
        return "silence"


@dataclass(frozen=True, slots=True)
class MicrophoneSpec:
    """A microphone.

    Args:
        device: Its name as the system calls it; empty for the default one.
    """

    device: str = ""

    def __str__(self) -> str:
        return f"microphone:{self.device}" if self.device else "microphone"


@dataclass(frozen=True, slots=True)
class BrowserSpec:
    """A page in a browser, or any other WebRTC sender, which comes to us."""

    def __str__(self) -> str:
        return "browser"


OpenedVideoSpec = CameraSpec | PatternSpec | FileSpec | StreamSpec
OpenedAudioSpec = MicrophoneSpec | FileSpec
VideoSpec = OpenedVideoSpec | BrowserSpec
AudioSpec = OpenedAudioSpec | SilenceSpec | BrowserSpec

_STREAM_SCHEMES = ("rtsp", "rtsps", "http", "https")
_URL = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_SCREEN = re.compile(
    r"screen(?::(?:(?P<number>[0-9]{1,2})|(?P<width>[0-9]{1,5})x(?P<height>[0-9]{1,5})"
    r"\+(?P<left>[0-9]{1,5})\+(?P<top>[0-9]{1,5})))?",
    re.IGNORECASE,
)
_VIDEO_WORDS = ("camera", "browser", "pattern")
_AUDIO_WORDS = ("silence", "microphone", "browser")
_VIDEO_HINT = (
    "Use camera, camera:2, camera:NAME, browser, pattern, a picture or video file, or an rtsp:// or http:// address."
)
_AUDIO_HINT = "Use silence, microphone, microphone:NAME, browser or a sound file."


def parse_video_source(text: str) -> VideoSpec:
    """Parse a video source. Files are looked for, devices and streams are not.

    Raises:
        SourceTextError: The text is none of the forms above, or there is no such file.
    """
    text = text.strip()
    word, colon, argument = text.partition(":")
    match word.lower():
        case "camera":
            return CameraSpec(_device(text, argument, _VIDEO_HINT) if colon else "")
        case "pattern" if not colon:
            return PatternSpec()
        case "browser" if not colon:
            return BrowserSpec()
    if is_url(text):
        return parse_stream(text)
    if re.fullmatch(r"/dev/video\d+", text):
        return CameraSpec(text)
    return _file(text, _VIDEO_WORDS, _VIDEO_HINT)


def parse_audio_source(text: str) -> AudioSpec:
    """Parse an audio source. Files are looked for, devices are not.

    Raises:
        SourceTextError: The text is none of the forms above, or there is no such file.
    """
    text = text.strip()
    word, colon, argument = text.partition(":")
    match word.lower():
        case "silence" if not colon:
            return SilenceSpec()
        case "browser" if not colon:
            return BrowserSpec()
        case "microphone":
            return MicrophoneSpec(_device(text, argument, _AUDIO_HINT) if colon else "")
    if _URL.match(text):
        raise SourceTextError("Sound cannot be taken from an address of the network.", hint=_AUDIO_HINT)
    return _file(text, _AUDIO_WORDS, _AUDIO_HINT)


def is_url(text: str) -> bool:
    """Whether this is meant to be an address of the network, whatever its kind."""
    return _URL.match(text) is not None


def parse_stream(text: str) -> StreamSpec:
    """Parse the address of a stream. Does not connect.

    Raises:
        SourceTextError: It is no address, or of a kind that cannot be played.
    """
    url = _URL.match(text)
    if url is None or url[1].lower() not in _STREAM_SCHEMES:
        scheme = f"the kind {url[1]}://" if url else "this kind"
        raise SourceTextError(f"Streams of {scheme} cannot be played.", hint=_VIDEO_HINT)
    try:
        parts = urlsplit(text)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SourceTextError(
            f"{redacted_url(text)} is no valid address.", hint="Example: rtsp://192.168.1.20:554/live"
        )
    return StreamSpec(text)


def parse_screen(text: str) -> ScreenSpec:
    """Parse a screen. Does not look whether it is there.

    Raises:
        SourceTextError: It is none of the forms above.
    """
    match = _SCREEN.fullmatch(text.strip())
    if match is None:
        raise SourceTextError(f"{text!r} is no screen.", hint="Use screen, screen:1 or screen:1280x720+0+0.")
    if match["number"]:
        return ScreenSpec(int(match["number"]))
    if match["width"] is None:
        return ScreenSpec()
    width_px, height_px, left_px, top_px = (int(match[key]) for key in ("width", "height", "left", "top"))
    if width_px < 2 or height_px < 2:
        raise SourceTextError(f"A part of a screen has at least 2x2 pixels, not {width_px}x{height_px}.")
    return ScreenSpec(part=ScreenPart(width_px, height_px, left_px, top_px))


def redacted_url(url: str) -> str:
    """The address without password, tokens and keys, fit to be shown."""
    head, at, tail = url.partition("://")
    authority = re.match(r"[^/?#]*", tail)
    login, has_login, host = (authority[0] if authority else "").rpartition("@")
    rest = tail[len(login) + len(has_login) + len(host) :]
    user, has_password, _ = login.partition(":")
    shown = f"{user}:{MASK}@" if has_password else MASK + "@" if has_login else ""
    return f"{head}{at}{shown}{host}{redact_text(rest)}"


def _device(text: str, argument: str, hint: str) -> str:
    device = argument.strip()
    if not device:
        raise SourceTextError(f"{text!r} names no device after the colon.", hint=hint)
    return device


def _file(text: str, words: tuple[str, ...], hint: str) -> FileSpec:
    if not text:
        raise SourceTextError("The source is empty.", hint=hint)
    path = whole_path(text)
    try:
        if path.is_file():
            return FileSpec(path)
        is_folder = path.is_dir()
        alike = _alike(path, words)
    except (OSError, ValueError) as error:  # too long, a NUL byte, a folder that may not be entered
        reason = getattr(error, "strerror", None) or error
        raise SourceTextError(f"{text[:80]!r} cannot be looked up: {reason}.", hint=hint) from error
    if is_folder:
        raise SourceTextError(f"{text} is a folder.", hint="Name one file in it.")
    raise SourceTextError(f"There is no file {text}.", hint=f"Did you mean {alike}?" if alike else hint)


def _alike(path: Path, words: tuple[str, ...]) -> str:
    if path.parent == Path() and (meant := get_close_matches(path.name.lower(), words, n=1, cutoff=0.7)):
        return meant[0]
    if not path.parent.is_dir():
        return ""
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    return " or ".join(str(path.with_name(name)) for name in get_close_matches(path.name, names, n=3))
