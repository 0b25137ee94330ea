"""The gallery as a resource: what there is, adding a picture, removing one."""

from __future__ import annotations

import asyncio
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel

from eyeline.bot.api.operation import ROOT, Answer, Operation, model_answer
from eyeline.bot.api.problem import refuse
from eyeline.bot.api.uploads import Upload, UploadLimits, read_upload
from eyeline.bot.control.stage import Stage
from eyeline.bot.picture_check import pixels_alone
from eyeline.processing.effects import GalleryBackground
from eyeline.processing.thumbnail import THUMBNAIL_TYPE

_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 64, "description": "Letters, digits, _ and -"},
        "file": {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP"},
    },
    "required": ["name", "file"],
}


class Background(BaseModel):
    """One background.

    Args:
        name: To ask for it.
        own: A file, which can be deleted; not one that Eyeline draws.
    """

    name: str
    own: bool


class BackgroundList(BaseModel):
    """All backgrounds, in the order in which they are numbered."""

    backgrounds: tuple[Background, ...]


class Backgrounds:
    """The gallery of a stage.

    Args:
        stage: Whose.
        limits: Of uploads.
    """

    def __init__(self, stage: Stage, limits: UploadLimits) -> None:
        self._stage = stage
        self._limits = limits
        self._reading = asyncio.Semaphore(limits.at_once)
        self._changing = asyncio.Lock()
        self._drawing = asyncio.Lock()

    def operations(self) -> list[Operation]:
        """What can be done."""
        path = f"{ROOT}/backgrounds"
        added = Answer("It is in the gallery", Background, headers={"Location": "Where it can be deleted"})
        return [
            Operation("GET", path, self._list, "All backgrounds", {200: Answer("They are", BackgroundList)}),
            Operation(
                "GET",
                f"{path}/{{name}}/thumbnail",
                self._thumbnail,
                "A small picture of a background",
                {200: Answer("It is", media_type=THUMBNAIL_TYPE)},
                (404, 422),
            ),
            Operation("POST", path, self._add, "Add a picture", {201: added}, (409, 503), takes_form=_FORM),
            Operation(
                "DELETE", f"{path}/{{name}}", self._remove, "Delete a picture", {204: Answer("Done")}, (404, 409)
            ),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        entries = await asyncio.to_thread(self._stage.gallery.entries)
        listed = tuple(Background(name=entry.name, own=entry.path is not None) for entry in entries)
        return model_answer(BackgroundList(backgrounds=listed))

    async def _thumbnail(self, request: web.Request) -> web.Response:
        name, gallery = request.match_info["name"], self._stage.gallery
        if not await asyncio.to_thread(gallery.has, name):
            raise refuse(HTTPStatus.NOT_FOUND, "There is no background of that name.")
        async with self._drawing:
            content = await asyncio.to_thread(gallery.thumbnail, name)
        return web.Response(body=content, content_type=THUMBNAIL_TYPE)

    async def _add(self, request: web.Request) -> web.Response:
        if self._reading.locked():
            raise refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Other pictures are read now.", headers={"Retry-After": "2"})
        async with self._reading:
            upload = await read_upload(request, self._limits)
            picture = await asyncio.to_thread(pixels_alone, upload.content, self._limits.max_pixels)
            async with self._changing:
                await asyncio.to_thread(self._keep, upload, picture)
        location = {"Location": f"{ROOT}/backgrounds/{quote(upload.name)}"}
        return model_answer(Background(name=upload.name, own=True), 201, location)

    async def _remove(self, request: web.Request) -> web.Response:
        wanted = request.match_info["name"]
        on = self._stage.effects.background
        async with self._changing:
            if isinstance(on, GalleryBackground) and on.name.casefold() == wanted.casefold():
                raise refuse(HTTPStatus.CONFLICT, "This background is on.", hint="Take another one first.")
            await asyncio.to_thread(self._delete, wanted)
        return web.Response(status=204)

    def _delete(self, wanted: str) -> None:
        gallery = self._stage.gallery
        own = (entry.name.casefold() for entry in gallery.entries() if entry.path is not None)
        if wanted.casefold() not in own:
            raise refuse(HTTPStatus.NOT_FOUND, "There is no file of that name.")
        gallery.remove(wanted)

    def _keep(self, upload: Upload, picture: bytes) -> None:
        gallery = self._stage.gallery
        entries = gallery.entries()
        if upload.name.casefold() in {entry.name.casefold() for entry in entries}:
            raise refuse(HTTPStatus.CONFLICT, "There is a background of that name already.")
        if sum(entry.path is not None for entry in entries) >= self._limits.max_files:
            raise refuse(HTTPStatus.CONFLICT, "The gallery is full.", hint="Delete a picture first.")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "picture.jpg")
            source.write_bytes(picture)
            gallery.add(source, upload.name)
