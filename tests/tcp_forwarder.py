"""A program: whatever connects to 127.0.0.1 at a port is connected with another host at the same port.

`python tcp_forwarder.py PORT HOST`. On another machine it stands for TLS, without which Eyeline speaks to itself alone.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _main(port: int, host: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        print("ready", flush=True)  # noqa: T201 (read by who started it)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
