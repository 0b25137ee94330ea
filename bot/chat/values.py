"""Numbers, switches and colours as people write them."""

from __future__ import annotations

import re

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_NAMED = {
    "black": "#000000",
    "white": "#ffffff",
    "grey": "#808080",
    "gray": "#808080",
    "red": "#c00000",
    "green": "#00b140",
    "blue": "#0047bb",
    "navy": "#000080",
    "teal": "#008080",
    "purple": "#800080",
    "orange": "#ffa500",
    "yellow": "#ffd700",
    "pink": "#ffc0cb",
    "brown": "#8b4513",
}
_ON = ("on", "yes", "1")
_OFF = ("off", "no", "0")


def number(text: str, least: int, most: int) -> int | None:
    """A whole number, perhaps with `%`; `None` for anything else or out of bounds."""
    digits = text.removesuffix("%")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    return int(digits) if least <= int(digits) <= most else None


def switch(text: str) -> bool | None:
    """On or off; `None` for anything else."""
    folded = text.strip().casefold()
    return True if folded in _ON else False if folded in _OFF else None


def color(text: str) -> str | None:
    """`#rrggbb`, `#rgb` or a common name, as `#rrggbb`; `None` for anything else."""
    found = _HEX.fullmatch(text)
    if found is None:
        return _NAMED.get(text.casefold())
    digits = found[1].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)
