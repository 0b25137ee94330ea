"""How the code to claim a camera with reaches whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from eyeline.config.schema import Settings


def claim_teller(settings: Settings) -> Callable[[str], None]:
    """Shows codes where only the person at the terminal looks: neither in the log nor among the events."""

    def tell(code: str) -> None:
        line = f"{settings.chat.prefix}claim {code}"
        sys.stderr.write(f"To steer by chat, send this to {settings.meeting.name}, privately: {line}\n")
        sys.stderr.flush()

    return tell
