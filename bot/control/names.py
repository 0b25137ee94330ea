"""Finding what somebody meant among known names: by name, by a beginning, or nearly."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MAX_COMPARED_CHARS = 64
_MAX_MEANT = 3


@dataclass(frozen=True, slots=True)
class Match:
    """What a text stands for.

    Args:
        found: The one name, or `None`.
        meant: Otherwise, names that may have been meant, best first.
    """

    found: str | None
    meant: tuple[str, ...] = ()


def match_name(text: str, names: Sequence[str], *, whole: Iterable[str] = ()) -> Match:
    """Look a text up; upper and lower case are the same.

    Args:
        text: As somebody wrote it.
        names: Known ones.
        whole: Those of them that a beginning does not stand for.
    """
    wanted = text.casefold()[:_MAX_COMPARED_CHARS]
    folded = {name.casefold(): name for name in reversed(names)}
    if wanted in folded:
        return Match(folded[wanted])
    guarded = {name.casefold() for name in whole}
    begun = [folded[name] for name in sorted(folded) if wanted and name.startswith(wanted)]
    if len(begun) == 1 and begun[0].casefold() not in guarded:
        return Match(begun[0])
    if begun:
        return Match(None, tuple(begun[:_MAX_MEANT]))
    near = difflib.get_close_matches(wanted, list(folded), n=_MAX_MEANT, cutoff=0.6)
    return Match(None, tuple(folded[name] for name in near))
