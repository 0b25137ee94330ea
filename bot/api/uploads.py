"""Pictures that callers send: read with limits."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from eyeline.bot.api.problem import refuse
from eyeline.processing.errors import BackgroundError

_NAME = re.compile(r"\w(?:[\w-]{0,62}\w)?")
_RESERVED = re.compile(r"none|blur|colou?r|con|prn|aux|nul|(?:com|lpt)[0-9]", re.IGNORECASE)
_MAX_PARTS = 4
_MAX_NAME_BYTES = 256
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What is taken.

    Args:
        max_bytes: Of a file.
        max_pixels: Of a picture.
        timeout_s: For the whole of a body.
        max_files: In the gallery.
        at_once: How many uploads are read at a time.
    """

    max_bytes: int = 16 << 20
    max_pixels: int = 24_000_000
    timeout_s: float = 30.0
    max_files: int = 500
    at_once: int = 2


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as it was sent."""

    name: str
    content: bytes


async def read_upload(request: web.Request, limits: UploadLimits) -> Upload:
    """Read a form with the fields `name` and `file`.

    Raises:
        ApiError: It is something else, too long or too slow.
    """
    if request.content_type != "multipart/form-data":
        raise refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This address takes multipart/form-data.")
    try:
        async with asyncio.timeout(limits.timeout_s):
            parts = await _parts(request, limits)
    except TimeoutError:
        raise refuse(HTTPStatus.REQUEST_TIMEOUT, "The body did not come in time.") from None
    except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError) as error:
        raise refuse(HTTPStatus.BAD_REQUEST, "The body is no form of several parts.") from error
    if set(parts) != {"name", "file"}:
        raise refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "The form must have the fields name and file.", code="body")
    return Upload(_checked_name(parts["name"]), parts["file"])


async def _parts(request: web.Request, limits: UploadLimits) -> dict[str, bytes]:
    reader = await request.multipart()
    parts: dict[str, bytes] = {}
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name in parts or len(parts) == _MAX_PARTS:
            raise ValueError("nested, repeated or too many parts")
        limit = limits.max_bytes if part.name == "file" else _MAX_NAME_BYTES
        parts[part.name or ""] = await _content(part, limit)
    return parts


async def _content(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        content += chunk
        if len(content) > limit:
            raise refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {limit} bytes are taken.", code="upload_bytes")
    return bytes(content)


def _checked_name(text: bytes) -> str:
    name = text.decode("utf-8", "replace")
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise BackgroundError(
            "A background cannot have that name.", hint="Use 1 to 64 letters, digits, _ and - between them."
        )
    return name
