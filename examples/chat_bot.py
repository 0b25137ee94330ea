"""Answer in the chat of a room: python examples/chat_bot.py URL. It knows !people and !time."""

import asyncio
import sys
import time

from eyeline.integrations.events import ChatReceived
from eyeline.integrations.jitsi import JitsiMeeting


async def main(url: str) -> None:
    """Answers go to all, or to whoever asked in private."""
    async with JitsiMeeting(url, name="Chat bot") as meeting:
        async for event in meeting.events():
            if not isinstance(event, ChatReceived) or event.history or event.bot:
                continue  # never answer old lines, nor another program
            to = event.sender_id if event.private else None
            match event.text.strip():
                case "!people":
                    names = sorted(person.name or person.id for person in meeting.participants.values())
                    await meeting.send_chat(f"Here are {', '.join(names)} and I.", to=to)
                case "!time":
                    await meeting.send_chat(time.strftime("It is %H:%M."), to=to)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
