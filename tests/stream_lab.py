"""Servers of live streams: MPEG-TS and MJPEG over HTTP, HLS, and RTSP with RTP interleaved in TCP."""

from __future__ import annotations

import asyncio
import io
import itertools
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from aiohttp import web
from numpy.typing import NDArray

FRAME_S = 0.04


def transport_stream(pictures: list[NDArray[np.uint8]]) -> list[bytes]:
    """MPEG-TS, one piece for each picture; every picture is a key frame."""
    sink = io.BytesIO()
    ends = [0]
    with av.open(sink, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        stream = container.add_stream("mpeg2video", rate=25, options={"g": "1"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
            ends.append(sink.tell())
        container.mux(stream.encode())
    data = sink.getvalue()
    ends[-1] = len(data)
    return [data[start:end] for start, end in itertools.pairwise(ends) if end > start]


class LiveServer:
    """An HTTP server of one live stream. It can be stalled, and its connections cut.

    Args:
        pictures: RGB; sent round and round.
        every_s: Time between two pictures.
    """

    def __init__(self, pictures: list[NDArray[np.uint8]], *, every_s: float = FRAME_S) -> None:
        self._every_s = every_s
        self._pieces = transport_stream(pictures * 40)
        self._jpegs = [cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes() for picture in pictures]
        self.stalled = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.cut = asyncio.Event()
        self.connections = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/live.ts", self._transport_stream)
        app.router.add_get("/burst.ts", self._burst)
        app.router.add_get("/live.mjpg", self._mjpeg)
        app.router.add_get("/private", self._private)
        app.router.add_get("/page", self._page)
        app.router.add_get("/silent", self._silent)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut.set()
        self.go.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _send(self, request: web.Request, content_type: str, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
        self.connections += 1
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        try:
            async for piece in pieces:
                await response.write(piece)
        except ConnectionError:
            pass
        return response

    async def _transport_stream(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, "video/mp2t", self._paced(self._pieces))

    async def _burst(self, request: web.Request) -> web.StreamResponse:
        """A second of frames at their pace, a stall while the test wants it, what was missed at once, and on."""
        return await self._send(request, "video/mp2t", self._paced(self._pieces, catches_up=True))

    async def _mjpeg(self, request: web.Request) -> web.StreamResponse:
        parts = [b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg + b"\r\n" for jpeg in self._jpegs]
        return await self._send(request, "multipart/x-mixed-replace; boundary=frame", self._paced(parts * 40))

    async def _paced(self, pieces: list[bytes], *, catches_up: bool = False) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        for piece in pieces:
            if self.cut.is_set():
                return
            await self.go.wait()
            yield piece
            due_s = (due_s if catches_up else loop.time()) + self._every_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _private(self, _: web.Request) -> web.Response:
        return web.Response(status=401)

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text="<html>This is no video.</html>" * 100, content_type="text/html")

    async def _silent(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "video/mp2t"})
        await response.prepare(request)
        await self.cut.wait()
        return response


def write_hls(folder: Path, pictures: list[NDArray[np.uint8]]) -> None:
    """An HLS stream of three segments that has ended."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    pieces = transport_stream(pictures)
    size = len(pieces) // 3
    for number in range(3):
        part = pieces[number * size : (number + 1) * size if number < 2 else None]
        (folder / f"{number}.ts").write_bytes(b"".join(part))
        lines += [f"#EXTINF:{len(part) * FRAME_S:.3f},", f"{number}.ts"]
    (folder / "live.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))


@asynccontextmanager
async def serving_folder(folder: Path) -> AsyncIterator[str]:
    """Serve the files of a folder; gives the URL of the folder."""
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class RtspServer:
    """As much of RTSP (RFC 2326) as an IP camera has: one MPEG-TS over RTP (RFC 2250), interleaved or not at all.

    Args:
        pictures: RGB; sent one every `FRAME_S`, round and round.
        login: `user:password` that the client must give by basic authentication.
    """

    def __init__(self, pictures: list[NDArray[np.uint8]], *, login: str = "") -> None:
        self._pieces = transport_stream(pictures * 40)
        self._login = login
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self.transports: list[str] = []
        self.address = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        sending: asyncio.Task[None] | None = None
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                if request[:1] == b"$":  # RTCP of the client
                    continue
                lines = request.decode(errors="replace").split("\r\n")
                method = lines[0].split(" ")[0]
                headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
                writer.write(self._answer(method, lines[0].split(" ")[1], headers))
                if method == "PLAY":
                    sending = asyncio.create_task(self._send(writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if sending is not None:
                sending.cancel()
            writer.close()

    def _answer(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        status, extra, body = "200 OK", "", ""
        if self._login and "Authorization" not in headers and method == "DESCRIBE":
            status, extra = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'
        elif method == "OPTIONS":
            extra = "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=lab\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"
            extra = f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            self.transports.append(headers["Transport"])
            extra = f"Transport: {headers['Transport']};ssrc=00000001\r\nSession: 1\r\n"
        else:
            extra = "Session: 1\r\n"
        return f"RTSP/1.0 {status}\r\nCSeq: {headers['CSeq']}\r\n{extra}\r\n{body}".encode()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        sequence = 0
        for number, piece in enumerate(self._pieces):
            for start in range(0, len(piece), 7 * 188):
                packet = (
                    struct.pack("!BBHII", 0x80, 33, sequence & 0xFFFF, number * 3600, 1)
                    + piece[start : start + 7 * 188]
                )
                writer.write(struct.pack("!cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
            await writer.drain()
            await asyncio.sleep(FRAME_S)
