"""What can go wrong with WebRTC besides the network."""

from __future__ import annotations

from eyeline.config.errors import MediaError, UsageError


class AiortcError(UsageError):
    """The installed aiortc is not the one whose inner workings are known."""

    code = "aiortc_version"


class EncoderError(MediaError):
    """A picture cannot be encoded, or there is no encoder; nothing was sent of it."""

    code = "encoder"
