"""The outages. Each breaks something, waits, mends it, and says when it was whole again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from outages.stage import HEIGHT_PX, Stage, close

AWAY_S = 7.0
CONSENT_IS_LOST_S = 40.0
ASLEEP_S = 62.0
TWO_SESSIONS_APART_S = 20.0  # there and back are two, and five may be asked for in a minute


@dataclass(frozen=True, slots=True)
class Outage:
    """One kind.

    Args:
        happen: Lets it happen; returns when, in monotonic seconds, everything could be used again.
        needs: What a plain client does to be seen then: `nothing`, a `connection`, a media `session`, a whole `join`.
        settle_s: How long to look afterwards; in it the program has to be on the air again.
        signalling: Whether to measure when the connection to the server was back, too.
        apart_s: Pause before the next round: media sessions may be asked for once in five seconds.
    """

    happen: Callable[[Stage], Awaitable[float]]
    needs: str
    settle_s: float = 6.0
    signalling: bool = False
    apart_s: float = 5.2


async def server_unreachable(stage: Stage) -> float:
    """The way to the XMPP server alone is gone for a while; it keeps the session."""
    stage.lab.site.refuses_streams = True
    stage.lab.site.cut_xmpp()
    await asyncio.sleep(AWAY_S)
    stage.lab.site.refuses_streams = False
    return time.monotonic()


async def server_forgets(stage: Stage) -> float:
    """As before, but it does not know the session any more."""
    stage.lab.site.forgets_sessions = True
    return await server_unreachable(stage)


async def server_restarts(stage: Stage) -> float:
    """Prosody and focus start anew, and so does whoever watches."""
    before, stage.watcher = stage.watcher, None
    await stage.lab.restart_server()
    usable_s = time.monotonic()
    await stage.watch()
    if before is not None:
        await close(before)
    return usable_s


async def channel_lost(stage: Stage) -> float:
    """The bridge's channel is gone; when it is back, it brings the wish for a picture."""
    assert stage.watcher is not None
    await stage.watcher.channel.ask_height(0)
    await asyncio.sleep(1.0)
    stage.lab.site.loses_channels = True
    stage.lab.bridge.drop_channel(stage.nick)
    await asyncio.sleep(0.2)
    await stage.watcher.channel.ask_height(HEIGHT_PX)
    await asyncio.sleep(AWAY_S)
    stage.lab.site.loses_channels = False
    return time.monotonic()


async def udp_blocked(stage: Stage) -> float:
    """No answer of the bridge comes through for so long that consent is lost (RFC 7675)."""
    stage.machine.block_udp()
    await asyncio.sleep(CONSENT_IS_LOST_S)
    stage.machine.unblock_udp()
    return time.monotonic()


async def bridge_dies(stage: Stage) -> float:
    """The bridge is killed, and another one takes over (`moving`)."""
    await stage.lab.bridge.kill()
    await asyncio.sleep(2.0)
    usable_s = time.monotonic()
    await stage.lab.replace_bridge()
    return usable_s


async def focus_restarts(stage: Stage) -> float:
    """The focus goes, and is ready a while later; nothing else is lost."""
    stage.lab.focus.not_ready = 10**6
    stage.lab.focus.restart()
    await asyncio.sleep(AWAY_S)
    stage.lab.focus.not_ready = 0
    return time.monotonic()


async def focus_and_bridge_restart(stage: Stage) -> float:
    """The focus goes, and the bridge with it: nothing is seen until both are back."""
    stage.lab.focus.not_ready = 10**6
    stage.lab.focus.restart()
    await stage.lab.bridge.kill()
    await asyncio.sleep(AWAY_S)
    await stage.lab.replace_bridge()
    stage.lab.focus.not_ready = 0
    return time.monotonic()


async def asleep(stage: Stage) -> float:
    """The machine sleeps for a minute."""
    family = stage.program.family
    for each in family:
        each.suspend()
    await asyncio.sleep(ASLEEP_S)
    for each in family:
        each.resume()
    return time.monotonic()


async def address_changed(stage: Stage) -> float:
    """From Wi-Fi to cable: the one is gone, and the other was there all the time."""
    stage.machine.cables[0].pull()
    return time.monotonic()


async def network_gone(stage: Stage) -> float:
    """No network for a while; then the same one, with the same address."""
    return await _without_network(stage, AWAY_S)


async def network_gone_for_long(stage: Stage) -> float:
    """As before, for so long that consent is lost."""
    return await _without_network(stage, CONSENT_IS_LOST_S)


async def _without_network(stage: Stage, seconds: float) -> float:
    for cable in stage.machine.cables:
        cable.pull()
    await asyncio.sleep(seconds)
    stage.machine.cables[0].plug()
    return time.monotonic()


async def mend(stage: Stage) -> None:
    """Bring everything back to how it was before the next round."""
    site = stage.lab.site
    site.refuses_streams = site.forgets_sessions = site.loses_channels = False
    for cable in stage.machine.cables:
        cable.plug()


OUTAGES = {
    "server_unreachable": Outage(server_unreachable, "nothing", signalling=True),
    "server_forgets": Outage(server_forgets, "join"),
    "server_restarts": Outage(server_restarts, "join", settle_s=12.0),
    "channel_lost": Outage(channel_lost, "connection"),
    "udp_blocked": Outage(udp_blocked, "session", settle_s=20.0),
    "bridge_dies": Outage(bridge_dies, "session"),
    "focus_restarts": Outage(focus_restarts, "session"),
    "focus_and_bridge_restart": Outage(focus_and_bridge_restart, "session"),
    "asleep": Outage(asleep, "session", settle_s=14.0),
    "address_changed": Outage(address_changed, "session", apart_s=TWO_SESSIONS_APART_S),
    "network_gone": Outage(network_gone, "nothing", settle_s=12.0),
    "network_gone_for_long": Outage(network_gone_for_long, "session", settle_s=16.0),
}
