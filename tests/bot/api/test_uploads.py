"""Pictures from callers: what is taken, what is kept of it, and what is refused before it costs anything."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import zlib
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest
from api_lab import LIMITS, TOKEN, Served
from yarl import URL

from eyeline.bot.picture_header import PictureKind, picture_header

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def picture(kind: str, size_px: tuple[int, int] = (48, 32)) -> bytes:
    width_px, height_px = size_px
    pixels = np.zeros((height_px, width_px, 3), np.uint8)
    pixels[:, : width_px // 2] = (200, 80, 20)
    done, content = cv2.imencode(f".{kind}", pixels)
    assert done
    return content.tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_nothing(width_px: int, height_px: int) -> bytes:
    """A small file that unpacks to a large picture."""
    rows = zlib.compress(bytes(4_000_000), 9)
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def send(
    http: aiohttp.ClientSession, content: bytes, name: str = "mine", filename: str = "x.png"
) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData({"name": name})
    form.add_field("file", content, filename=filename, content_type="image/png")
    async with http.post("/api/v1/backgrounds", data=form) as told:
        return told.status, await told.json(content_type=None)


def kept(api: Served) -> list[Path]:
    return sorted(api.gallery.iterdir()) if api.gallery.exists() else []


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_small_pictures_are_for_callers_with_the_token(api: Served, http: aiohttp.ClientSession) -> None:
    assert (await send(http, picture("png"), "Mine"))[0] == 201
    for name in ("mine", "dusk"):
        async with http.get(f"/api/v1/backgrounds/{name}/thumbnail") as told:
            assert (told.status, told.content_type) == (200, "image/jpeg")
            small = cv2.imdecode(np.frombuffer(await told.read(), np.uint8), cv2.IMREAD_COLOR)
            assert small.shape == (180, 320, 3)
    for name in ("nothing", "..%2Fmine", "%2Fetc%2Fpasswd"):
        async with http.get(URL(f"{api.url}api/v1/backgrounds/{name}/thumbnail", encoded=True)) as told:
            assert told.status == 404
    (api.gallery / "broken.png").write_text("no picture")
    async with http.get("/api/v1/backgrounds/broken/thumbnail") as told:
        assert told.status == 422
    async with (
        aiohttp.ClientSession(api.url) as stranger,
        stranger.get("/api/v1/backgrounds/dusk/thumbnail") as told,
    ):
        assert told.status == 401


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
async def test_a_picture_becomes_a_background(api: Served, http: aiohttp.ClientSession, kind: str) -> None:
    assert (await send(http, picture(kind), "Mine-1")) == (201, {"name": "Mine-1", "own": True})
    [path] = kept(api)
    assert path.name == "Mine-1.jpg"
    assert np.abs(cv2.imread(str(path))[16, 10].astype(int) - (200, 80, 20)).max() < 12

    async with http.get("/api/v1/backgrounds") as told:
        listed = (await told.json())["backgrounds"]
    assert {"name": "Mine-1", "own": True} in listed
    assert {"name": "studio", "own": False} in listed

    async with http.patch("/api/v1/effects", json={"background": "mine-1"}) as told:
        assert told.status == 200
    async with http.delete("/api/v1/backgrounds/mine-1") as told:
        assert told.status == 409
    await (await http.patch("/api/v1/effects", json={"background": "blur"})).read()
    async with http.delete("/api/v1/backgrounds/mine-1") as told:
        assert told.status == 204
    assert kept(api) == []
    async with http.delete("/api/v1/backgrounds/mine-1") as told:
        assert told.status == 404


async def test_nothing_is_kept_but_the_pixels(api: Served, http: aiohttp.ClientSession) -> None:
    jpeg = picture("jpg")
    secret = b"51.5007N 0.1246W <script>alert(1)</script> PK\x03\x04"
    with_comment = jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(secret) + 2) + secret + jpeg[2:]
    assert (await send(http, with_comment))[0] == 201
    [path] = kept(api)
    assert secret not in path.read_bytes()


POLYGLOTS = {
    "a JPEG with an archive behind it": picture("jpg") + b"PK\x03\x04" + bytes(40),
    "a PNG with a page behind it": picture("png") + b"<html><script>alert(1)</script>",
    "a WebP with more behind it": picture("webp") + b"%PDF-1.7",
    "a WebP whose length says so": b"RIFF" + struct.pack("<I", 4096) + picture("webp")[8:],
    "a page that begins as a GIF": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "a picture within a page": b"<!--" + picture("png") + b"-->",
}
OTHERS = {
    "SVG": SVG,
    "SVG behind a declaration": b'\xef\xbb\xbf<?xml version="1.0"?>' + SVG,
    "GIF": GIF,
    "BMP": picture("bmp"),
    "TIFF": picture("tiff"),
    "nothing": b"",
    "text": b"/etc/passwd",
    "a playlist": b"#EXTM3U\nhttp://127.0.0.1:1/x\n",
    "half a PNG": picture("png")[:-20],
    "half a JPEG": picture("jpg")[:-2],
    "a PNG that is no PNG": b"\x89PNG\r\n\x1a\n" + bytes(40),
}


@pytest.mark.parametrize("content", [*POLYGLOTS.values(), *OTHERS.values()], ids=[*POLYGLOTS, *OTHERS])
async def test_what_is_no_picture_of_ours(api: Served, http: aiohttp.ClientSession, content: bytes) -> None:
    status, problem = await send(http, content)
    assert (status, problem["code"]) == (415, "upload_kind")
    assert kept(api) == []


async def test_a_damaged_picture(api: Served, http: aiohttp.ClientSession) -> None:
    header = struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"no rows") + chunk(b"IEND", b"")
    status, problem = await send(http, content)
    assert (status, problem["code"]) == (422, "background")
    assert kept(api) == []


@pytest.mark.parametrize("size_px", [(50_000, 50_000), (1001, 1000), (2**31, 2**31), (0, 10), (10_000_000, 1)])
async def test_a_picture_of_too_many_pixels(
    api: Served, http: aiohttp.ClientSession, size_px: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[object] = []
    monkeypatch.setattr("eyeline.bot.picture_check.read_picture", lambda *args, **_: decoded.append(args))
    status, problem = await send(http, png_of_nothing(*size_px))
    assert (status, problem["code"]) == (422, "background")
    assert not decoded
    assert kept(api) == []


async def test_a_file_that_is_too_long(api: Served, http: aiohttp.ClientSession) -> None:
    status, problem = await send(http, picture("png") + bytes(LIMITS.max_bytes))
    assert (status, problem["code"]) == (413, "upload_bytes")
    status, _ = await send(http, picture("png"), name="n" * 1000)
    assert status == 413
    assert kept(api) == []


async def test_a_body_that_comes_too_slowly(api: Served, http: aiohttp.ClientSession) -> None:
    async def slowly() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
        for _ in range(1200):
            yield b"x"
            await asyncio.sleep(0.1)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with asyncio.timeout(60), http.post("/api/v1/backgrounds", data=slowly(), headers=headers) as told:
        assert (told.status, told.content_type) == (408, "application/problem+json")
    assert (await send(http, picture("png")))[0] == 201


async def test_others_wait_while_pictures_are_read(api: Served, http: aiohttp.ClientSession) -> None:
    going_on = asyncio.Event()

    async def held() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\nx'
        await going_on.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(api.url) as other:

        async def takes_a_place() -> None:
            while not going_on.is_set():
                with contextlib.suppress(aiohttp.ClientError):
                    await other.post("/api/v1/backgrounds", data=held(), headers=headers)

        held_up = [asyncio.create_task(takes_a_place()) for _ in range(LIMITS.at_once)]
        async with asyncio.timeout(60):
            while (await send(http, picture("png")))[0] != 503:
                pass
        going_on.set()
        await asyncio.gather(*held_up, return_exceptions=True)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "/etc/cron.d/x",
        "C:\\x",
        "a\x00b",
        "a b",
        "con",
        "NUL",
        "none",
        "blur",
        "%2e%2e%2fx",
        "-",
        "",
        "n" * 65,
    ],
)
async def test_names_that_are_none(api: Served, http: aiohttp.ClientSession, name: str, tmp_path: Path) -> None:
    before = everything(tmp_path)
    assert (await send(http, picture("png"), name))[0] == 422
    assert kept(api) == []
    assert everything(tmp_path) == before


async def test_the_name_of_the_file_is_nothing_to_us(api: Served, http: aiohttp.ClientSession) -> None:
    assert (await send(http, picture("png"), "mine", "../../../../tmp/evil.svg"))[0] == 201
    assert [path.name for path in kept(api)] == ["mine.jpg"]


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret", "%2e%2e", "..%5csecret", "secret.txt", "/secret"])
async def test_deleting_reaches_nothing_outside(
    api: Served, http: aiohttp.ClientSession, name: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(picture("jpg"))
    await send(http, picture("png"))
    async with http.delete(f"{api.url}api/v1/backgrounds/{name}") as told:
        assert told.status in (404, 405)
    assert secret.exists()
    assert len(kept(api)) == 1


async def test_names_are_taken_once(api: Served, http: aiohttp.ClientSession) -> None:
    assert (await send(http, picture("png")))[0] == 201
    before = kept(api)[0].read_bytes()
    assert (await send(http, picture("jpg", (64, 64)), "MINE"))[0] == 409
    assert (await send(http, picture("jpg"), "studio"))[0] == 409
    assert [path.read_bytes() for path in kept(api)] == [before]


async def test_the_gallery_is_finite(api: Served, http: aiohttp.ClientSession) -> None:
    told = [(await send(http, picture("png"), f"n{number}"))[0] for number in range(LIMITS.max_files + 1)]
    assert told == [201] * LIMITS.max_files + [409]


NAME_PART = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=b", b"x", 400),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422),
        ("multipart/form-data; boundary=b", b"--b\r\nX\r\n\r\n\r\n--b--\r\n", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n' * 9,
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n\r\n--c--\r\n--b--\r\n",
            400,
        ),
    ],
)
async def test_forms_that_are_none(http: aiohttp.ClientSession, content_type: str, body: bytes, status: int) -> None:
    async with http.post("/api/v1/backgrounds", data=body, headers={"Content-Type": content_type}) as told:
        assert (told.status, told.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_headers_tell_the_size(kind: str) -> None:
    header = picture_header(picture(kind, (123, 45)))
    assert header is not None
    assert (header.kind, header.width_px, header.height_px) == (
        {"jpg": PictureKind.JPEG, "png": PictureKind.PNG, "webp": PictureKind.WEBP}[kind],
        123,
        45,
    )
    for length in range(0, len(picture(kind, (123, 45))), 7):
        assert picture_header(picture(kind, (123, 45))[:length]) is None
