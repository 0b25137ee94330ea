"""Events in plain words, one log line each."""

from __future__ import annotations

import logging

from eyeline.bot.events import BackgroundChanged, BotEvent, PictureFailed, SourceChanged, StateChanged
from eyeline.integrations.events import ChatReceived, Muted, ParticipantJoined, ParticipantLeft, VideoWanted

log = logging.getLogger(__name__)


def narrate(event: BotEvent) -> None:
    """Log what a person would want to know; the rest is left to debugging."""
    line = _line(event)
    if line:
        log.info("%s", line)
    else:
        log.debug("%r", event)


def _line(event: BotEvent) -> str:
    match event:
        case StateChanged(state, reason):
            return f"{state.value}: {reason}"
        case SourceChanged(kind, source, state, detail):
            return f"{kind.value} source {source}: {state}{f' ({detail})' if detail else ''}"
        case BackgroundChanged(background):
            return f"background: {background}"
        case PictureFailed(reason):
            return f"the card is shown, because frames cannot be processed: {reason}"
        case VideoWanted(max_height_px):
            return f"the meeting wants {'any height' if max_height_px is None else f'{max_height_px} lines of video'}"
        case ParticipantJoined(participant):
            return f"{participant.name or participant.id} is in the meeting"
        case ParticipantLeft(participant):
            return f"{participant.name or participant.id} left"
        case Muted(kind, muted, by):
            return f"{kind.value} {'muted' if muted else 'unmuted'}{f' by {by}' if by else ''}"
        case ChatReceived(sender_name=name, private=private):
            return f"{'private ' if private else ''}chat from {name}"
        case _:
            return ""
