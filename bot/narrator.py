"""Events in plain words, one log line each."""

from __future__ import annotations

import logging

from eyeline.bot.events import (
    BackgroundChanged,
    BackgroundTrouble,
    BotEvent,
    CommandAnswered,
    GazeChanged,
    IngestReady,
    PictureFailed,
    PictureRestarted,
    RejoinFailed,
    SourceChanged,
    StateChanged,
    TierChanged,
)
from eyeline.integrations.events import Advice, Muted, ParticipantJoined, ParticipantLeft, VideoSending, VideoWanted
from eyeline.integrations.pauses import in_words
from eyeline.processing.gaze.status import Activity
from eyeline.processing.tiers import Tier

_TIER_WORDS = {
    Tier.CLOSE: "a close look at every frame",
    Tier.CLOSE_HALF: "a close look at every second frame",
    Tier.FINDER: "a quick look at every frame",
    Tier.FINDER_HALF: "a quick look at every second frame",
}
_GAZE_WORDS = {
    Activity.OFF: "not corrected",
    Activity.ACTIVE: "corrected",
    Activity.FADING: "fading out",
    Activity.IDLE: "not corrected",
}

log = logging.getLogger(__name__)


def narrate(event: BotEvent) -> None:
    """Log what a person would want to know; the rest is left to debugging."""
    line = _own_line(event) or _meeting_line(event)
    if line:
        log.info("%s", line)
    else:
        log.debug("%r", event)


def _own_line(event: BotEvent) -> str:
    match event:
        case StateChanged(state, reason):
            return f"{state.value}: {reason}"
        case RejoinFailed(attempt, wait_s, reason):
            return (
                f"not back yet after {attempt} {'try' if attempt == 1 else 'tries'}: {reason} Next {in_words(wait_s)}."
            )
        case SourceChanged(kind, source, state, detail):
            return f"{kind.value} source {source}: {state}{f' ({detail})' if detail else ''}"
        case IngestReady(url):
            return f"a browser may send its camera to {url}"
        case BackgroundChanged(background):
            return f"background: {background}"
        case BackgroundTrouble(reason):
            return f"the background has trouble: {reason}" if reason else "the background is well again"
        case CommandAnswered(origin, by, command, status, message):
            return f"{by} asked by {origin} for {command}: {status}: {message}"
        case PictureFailed(reason):
            return f"the card is shown, because frames cannot be processed: {reason}"
        case PictureRestarted(reason):
            return f"the picture worker is started anew, because {reason}"
        case TierChanged(tier, why):
            return f"masks: {_TIER_WORDS[tier]}, because {why}"
        case GazeChanged(activity, why):
            return f"gaze: {_GAZE_WORDS[activity]}{f', because {why}' if why else ''}"
        case _:
            return ""


def _meeting_line(event: BotEvent) -> str:
    match event:
        case Advice(text=text):
            return text
        case VideoWanted(max_height_px):
            return f"the meeting wants {'any height' if max_height_px is None else f'{max_height_px} lines of video'}"
        case VideoSending(_, heights_px, limited_by) if heights_px:
            heights = " and ".join(f"{height_px}" for height_px in heights_px)
            why = {"bandwidth": ", as no more gets through", "cpu": ", as there is no time for more"}
            return f"video is sent in {heights} lines{why.get(limited_by, '')}"
        case ParticipantJoined(participant):
            return f"{participant.name or participant.id} is in the meeting"
        case ParticipantLeft(participant):
            return f"{participant.name or participant.id} left"
        case Muted(kind, muted, by):
            return f"{kind.value} {'muted' if muted else 'unmuted'}{f' by {by}' if by else ''}"
        case _:
            return ""
