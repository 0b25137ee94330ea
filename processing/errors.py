"""What can go wrong with frames and sound."""

from __future__ import annotations

from eyeline.config.errors import MediaError, ModelError, UsageError


class SourceError(MediaError):
    """A camera, microphone, file or stream cannot be opened or stopped delivering."""

    code = "source_failed"


class SourceBusyError(SourceError):
    """The device is there but another program holds it."""

    code = "source_busy"


class SourceDeniedError(SourceError):
    """The operating system does not let this user open the device."""

    code = "source_denied"


class SourceMissingError(SourceError):
    """There is no such device, file or stream."""

    code = "source_missing"


class VirtualCameraError(MediaError):
    """There is no virtual camera to show pictures on, or it is gone."""

    code = "virtual_camera"


class BackgroundError(UsageError):
    """A background that is unknown, unreadable or too large."""

    code = "background"


class EffectError(UsageError):
    """An effect that is not written as it must be."""

    code = "effect"


class RenderError(MediaError):
    """A file cannot be rendered: unreadable input or an output that cannot be written."""

    code = "render"


class MaskError(ModelError):
    """No mask could be had of a frame, so nothing of the frame may be shown."""

    code = "mask"


class PictureError(MediaError):
    """A frame cannot be processed, so nothing of it may be shown."""

    code = "picture"
