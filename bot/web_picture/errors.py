"""Why a picture is not fetched."""

from __future__ import annotations

from eyeline.config.errors import UsageError


class WebPictureError(UsageError):
    """The address is not gone to, or what is there is not taken."""

    code = "web_picture"
