"""Record everybody in a room, a file for each source: python examples/record_room.py URL FOLDER SECONDS."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from aiortc.contrib.media import MediaRecorder

from eyeline.integrations.events import MediaKind, TrackAdded, TrackRemoved
from eyeline.integrations.jitsi import JitsiMeeting


async def main(url: str, folder: str, seconds: str) -> None:
    """Tell people before you record them."""
    recorders: dict[str, MediaRecorder] = {}
    async with JitsiMeeting(url, name="Recorder", receive_video=True, receive_audio=True) as meeting:
        with suppress(TimeoutError):
            async with asyncio.timeout(float(seconds)):
                async for event in meeting.events():
                    if isinstance(event, TrackAdded):
                        ending = "mp4" if event.kind is MediaKind.VIDEO else "wav"
                        recorder = MediaRecorder(Path(folder) / f"{event.source}.{ending}")
                        recorder.addTrack(event.track)
                        await recorder.start()
                        recorders[event.source] = recorder
                    elif isinstance(event, TrackRemoved) and event.source in recorders:
                        await recorders.pop(event.source).stop()
        for recorder in recorders.values():
            await recorder.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
