"""Send a video file into a room, over and over: python examples/send_file.py URL FILE."""

import asyncio
import sys

from aiortc.contrib.media import MediaPlayer

from eyeline.integrations.jitsi import JitsiMeeting


async def main(url: str, file: str) -> None:
    """Any `aiortc.MediaStreamTrack` can be sent; those of a player are."""
    player = MediaPlayer(file, loop=True)
    async with JitsiMeeting(url, name="Player", video=player.video, audio=player.audio) as meeting:
        async for event in meeting.events():  # ends when the meeting is over for us
            print(event, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
