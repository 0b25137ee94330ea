"""Say everything again that is heard in a room: python examples/audio_echo.py URL."""

import asyncio
import sys

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from eyeline.integrations.events import TrackAdded
from eyeline.integrations.jitsi import JitsiMeeting


class Echo(MediaStreamTrack):
    """The sound of one member after the other, on a time line of its own."""

    kind, samples, current, heard = "audio", 0, None, asyncio.Queue()

    async def recv(self):
        while True:
            self.current = self.current or await self.heard.get()
            try:
                frame = await self.current.recv()
            except MediaStreamError:  # gone: now the next one
                self.current = None
                continue
            frame.pts = self.samples
            self.samples += frame.samples
            return frame


async def main(url: str) -> None:
    echo = Echo()
    async with JitsiMeeting(url, name="Echo", audio=echo, receive_audio=True) as meeting:
        async for event in meeting.events():
            if isinstance(event, TrackAdded):
                echo.heard.put_nowait(event.track)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
