"""How the code to claim a camera with reaches whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from eyeline.bot.claim import DIGITS
from eyeline.config.schema import Settings


def claim_teller(settings: Settings) -> Callable[[str], None]:
    """Shows codes where only the person at the terminal looks: neither in the log nor among the events."""

    def tell(code: str) -> None:
        groups = [code] if len(code) == DIGITS else [code[at : at + 4] for at in range(0, len(code), 4)]
        line = f"{settings.chat.prefix}claim {' '.join(groups)}"
        sys.stderr.write(f"To steer by chat, send this to {settings.meeting.name}, privately: {line}\n")
        sys.stderr.flush()

    return tell
