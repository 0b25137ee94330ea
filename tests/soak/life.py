"""What happens in the room: people come and go, type, mute, look closer and away, and things break."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.watcher import Watcher

from soak.program import HEIGHT_PX, Program

logger = logging.getLogger(__name__)

ROOM = "Soak"
MOST_PEOPLE = 3
PATIENCE_S = 150.0
_LINES = (
    "!bg color #204060", "!bg dusk", "!blur 40", "!blur 90", "!status", "!mirror on", "!mirror off", "!frame on",
    "!frame off", "!undo", "!video off", "!video on", "!help", "!nonsense", "hello there", "!bg color #808080",
)  # fmt: skip


class Life:
    """Everybody but the bot.

    Args:
        lab: The deployment.
        program: The bot.
        seed: Of what happens.

    Attributes:
        acts: How often each thing happened.
    """

    def __init__(self, lab: JitsiLab, program: Program, seed: int) -> None:
        self.acts: Counter[str] = Counter()
        self._lab = lab
        self._program = program
        self._random = random.Random(seed)
        self._people: list[Watcher] = []

    async def busy(self, seconds: float) -> None:
        """Let things happen for a while."""
        until_s = time.monotonic() + seconds
        doings: tuple[tuple[Callable[[], Awaitable[None]], int], ...] = (
            (self._come, 3), (self._go, 2), (self._say, 5), (self._look, 4), (self._mute, 1), (self._pin, 2),
        )  # fmt: skip
        while time.monotonic() < until_s:
            doing = self._random.choices([each for each, _ in doings], [weight for _, weight in doings])[0]
            await self._tried(doing.__name__.strip("_"), doing)
            await asyncio.sleep(self._random.uniform(0.3, 2.0))

    async def quiet(self) -> None:
        """Have one other in the room, who sees the bot, after a while in which nothing is asked of it.

        Raises:
            TimeoutError: The bot does not come back on the air.
        """
        while len(self._people) > 1:
            await self._go()
        async with asyncio.timeout(PATIENCE_S):
            while not (await self._witnessed() and await self._same_again()):
                if not self._program.running:
                    raise TimeoutError("the program has ended")
                await self.everybody_goes()  # whoever went through a disaster may be the one that does not see

    async def _witnessed(self) -> bool:
        """Whether somebody, who makes up for what was done to the bot, sees it within a while."""
        if not self._people:
            await self._tried("come", self._come)
        if not self._people:
            await asyncio.sleep(1)
            return False
        for _ in range(6):
            if await self._seen():
                return True
            await self._make_up()
        return False

    async def _same_again(self) -> bool:
        """Whether the bot works as it does in every quiet moment: what it does decides what it needs."""
        changes = self._program.events["background_changed"]
        for _ in range(4):
            await self._make_up()
            for _ in range(10):
                made_up = self._program.events["background_changed"] > changes
                if made_up and self._program.sending_px[-1:] == (HEIGHT_PX,):
                    return True
                await asyncio.sleep(0.5)
        return False

    async def _make_up(self) -> None:
        await self._claim()
        for line in ("!video on", "!mirror off", "!frame off", "!bg color #808080"):
            self._people[0].say(line)

    async def cut_connection(self) -> None:
        """The network is gone for a moment: the stream is resumed."""
        self.acts["connection cut"] += 1
        self._lab.site.cut_xmpp()
        await asyncio.sleep(3)

    async def cut_channel(self) -> None:
        """The bridge channel breaks."""
        self.acts["channel cut"] += 1
        await self._tried("drop channel", self._drop_channel)

    async def restart_bridge(self) -> None:
        """The bridge is killed, and another takes over."""
        self.acts["bridge killed"] += 1
        await self._lab.bridge.kill()
        await asyncio.sleep(2)
        await self._lab.replace_bridge()
        await asyncio.sleep(5)

    async def restart_server(self) -> None:
        """Prosody and focus start anew; everybody else is thrown out."""
        self.acts["server restarted"] += 1
        await self._lab.restart_server()
        await self.everybody_goes()

    async def everybody_goes(self) -> None:
        """Leave the bot alone."""
        people, self._people = self._people, []
        for person in people:
            await self._tried("left behind", lambda person=person: _close(person))  # type: ignore[misc]

    async def _tried(self, name: str, doing: Callable[[], Awaitable[None]]) -> None:
        """What a person cannot do now is not the bot's fault; whether it comes back on the air is judged elsewhere."""
        try:
            async with asyncio.timeout(30):
                await doing()
            self.acts[name] += 1
        except Exception as error:
            logger.info("%s failed: %r", name, error)
            self.acts[f"{name} failed"] += 1

    async def _come(self) -> None:
        if len(self._people) == MOST_PEOPLE:
            return
        sends = self._random.random() < 0.4
        person = Watcher(
            self._lab,
            ROOM,
            name=self._random.choice(("Bob", "Cy", "Dee")),
            audio=Tone(0.3) if sends else None,
            video=PlainPicture((30, 30, 220)) if sends else None,
            max_height_px=self._random.choice((180, 360, 720)),
        )
        await person.__aenter__()
        self._people.append(person)

    async def _go(self) -> None:
        if self._people:
            await _close(self._people.pop(self._random.randrange(len(self._people))))

    async def _say(self) -> None:
        if not self._people:
            return
        if self._random.random() < 0.2:
            await self._claim()
        person = self._random.choice(self._people)
        bot = self._bot(person)
        if bot and self._random.random() < 0.3:
            person.say_to(bot, self._random.choice(_LINES))
        else:
            person.say(self._random.choice(_LINES))

    async def _claim(self) -> None:
        person = self._people[0]
        bot = self._bot(person)
        if bot and self._program.code:
            person.say_to(bot, f"!claim {self._program.code}")
            await asyncio.sleep(0.5)

    async def _look(self) -> None:
        if self._people:
            await self._random.choice(self._people).channel.ask_height(self._random.choice((0, 180, 360, 720)))

    async def _pin(self) -> None:
        bot = self._bot(self._people[0]) if self._people else None
        if bot:
            await self._lab.bridge.constrain(bot, f"{bot}-v0", self._random.choice((0, 180, 360)))
            await asyncio.sleep(1)
            await self._lab.bridge.release(bot, f"{bot}-v0")

    async def _mute(self) -> None:
        bot = self._bot(self._people[0]) if self._people else None
        if bot:
            self._lab.focus.mute(bot, "audio", by=self._people[0].id)

    async def _drop_channel(self) -> None:
        bot = self._bot(self._people[0]) if self._people else None
        if bot:
            self._lab.bridge.drop_channel(bot)

    async def _seen(self) -> bool:
        """Whether somebody decodes a picture of the bot."""
        person = self._people[0]
        await self._tried("ask", lambda: person.channel.ask_height(720))
        bot = self._bot(person)
        if bot is None or self._program.state != "live":
            await asyncio.sleep(2)
            return False
        try:
            await person.frame(5.0, of=bot)
        except TimeoutError:
            return False
        return True

    @staticmethod
    def _bot(person: Watcher) -> str | None:
        return next((nick for nick, seen in person.participants.items() if seen.name == "Ada"), None)


async def _close(person: Watcher) -> None:
    await person.__aexit__(TimeoutError, None, None)  # its own faults are told of elsewhere
