"""How long a bridge takes for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Times of a bridge; tests hurry it.

    Args:
        sources_after_ms: From a meeting's beginning to our camera and microphone: the SDK's own have to be there
            before ours can take their place.
        look_ms: Between two looks at what the SDK does not tell.
        sent_ms: Between two counts of what went out.
        patience_s: Without a word of the meeting process, before the bridge takes it for dead.
        leaving_ms: For Zoom to say that we have left.
        cleaning_s: For the SDK to give everything back; then the process is killed.
    """

    sources_after_ms: int = 1000
    look_ms: int = 500
    sent_ms: int = 2000
    patience_s: int = 10
    leaving_ms: int = 4000
    cleaning_s: int = 15
