"""What a soak measured, and whether it is good."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

MAX_GROWTH = 0.01
LEAST_GROWTH_MB = 0.5  # of a small helper process a percent is nothing
LEAST_SAMPLES = 4
LEAST_OF_WORKERS = 12  # fewer are little more than the warm-up of one that was started anew
_OF_A_MEDIAN = math.sqrt(math.pi / 2)  # its error, where a mean's is 1
_OF_A_DEVIATION = 1.4826  # the standard deviation, where the median one is 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The program in a quiet moment: in the room with one other, on the air.

    Args:
        at_s: Since the beginning.
        memory_mb: Of the program, as it is.
        held_mb: The same once garbage is collected and the C library has given back what it kept free.
        workers_mb: Memory of its children, by process id.
        sockets: Open ones of the program.
        files: Open file descriptors of the program.
        threads: Of the program.
        tasks: Names of its asyncio tasks.
    """

    at_s: float
    memory_mb: float
    held_mb: float
    workers_mb: Mapping[int, float]
    sockets: int
    files: int
    threads: int
    tasks: tuple[str, ...]


def verdict(samples: Sequence[Sample], warm_up_s: float) -> dict[str, Any]:
    """Compare the end with the beginning after the warm-up.

    What the program holds must not grow, and must be so steady that a growth would show. What it has beside that, free
    memory that the C library keeps for later, comes and goes, and workers may live for a part of the time only: of
    these no growth may be sure.

    Args:
        samples: In order.
        warm_up_s: What came earlier does not count.

    Returns:
        Figures, and `faults`: why the soak failed, in words; empty when it did not.
    """
    counted = [each for each in samples if each.at_s >= warm_up_s]
    if len(counted) < LEAST_SAMPLES:
        return {"samples": len(counted), "faults": [f"only {len(counted)} samples after the warm-up"]}
    share = _share(counted)
    first, last = counted[:share], counted[-share:]
    held = growth_of([each.held_mb for each in counted])
    kept = {
        "program with what it keeps free": growth_of([each.memory_mb for each in counted]),
        **_of_workers(samples, warm_up_s),
    }
    faults = [f"memory of the program grew by {held['growth']:.1%}"] if _is_much(held) else []
    if held["error"] > MAX_GROWTH and held["error"] * held["first"] > LEAST_GROWTH_MB:
        faults.append(f"memory of the program varies too much to tell: give or take {held['error']:.1%}")
    faults += [
        f"memory of the {of} grew by {each['growth']:.1%}" for of, each in kept.items() if _is_much(each, for_sure=True)
    ]
    # a task or socket that only happens to be there is not there in every sample of the end
    for name in ("sockets", "files", "threads"):
        had, has = max(getattr(each, name) for each in first), min(getattr(each, name) for each in last)
        if has > had:
            faults.append(f"{name}: {had} in the beginning, {has} in the end")
    left = _always(last) - _ever(first)
    faults += [f"{count} more of the task {name!r}" for name, count in sorted(left.items())]
    return {
        "samples": len(counted),
        "memory_mb": {"program": held, **kept},
        **{
            name: {
                "first": min(getattr(each, name) for each in first),
                "last": min(getattr(each, name) for each in last),
            }
            for name in ("sockets", "files", "threads")
        },
        "tasks": {"first": min(len(each.tasks) for each in first), "last": min(len(each.tasks) for each in last)},
        "faults": faults,
    }


def growth_of(memory_mb: Sequence[float]) -> dict[str, float]:
    """The median of the first fifth and of the last, by how much the one is above the other, and its standard error.

    The error is by the median deviation, too: a moment without a media session is 12 MB below all others.
    """
    share = _share(memory_mb)
    first_mb, last_mb = median(memory_mb[:share]), median(memory_mb[-share:])
    spread_mb = math.hypot(_spread(memory_mb[:share]), _spread(memory_mb[-share:]))
    error = _OF_A_MEDIAN * spread_mb / math.sqrt(share) / first_mb
    return {"first": first_mb, "last": last_mb, "growth": last_mb / first_mb - 1, "error": error}


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return _OF_A_DEVIATION * median(abs(value - middle) for value in values)


def _share(samples: Sequence[object]) -> int:
    return max(2, len(samples) // 5)


def _of_workers(samples: Sequence[Sample], warm_up_s: float) -> dict[str, dict[str, float]]:
    """Of all together, since they share memory, for as long as they were the same processes, after their warm-up."""
    growths = {}
    for pids, together in groupby(samples, key=lambda each: tuple(sorted(each.workers_mb))):
        alike = list(together)
        held_mb = [sum(each.workers_mb.values()) for each in alike if each.at_s - alike[0].at_s >= warm_up_s]
        if len(held_mb) >= LEAST_OF_WORKERS:
            growths[f"workers {', '.join(map(str, pids))}"] = growth_of(held_mb)
    return growths


def _is_much(memory: dict[str, float], *, for_sure: bool = False) -> bool:
    growth = memory["growth"] - (2 * memory["error"] if for_sure else 0.0)
    return growth > MAX_GROWTH and memory["last"] - memory["first"] > LEAST_GROWTH_MB


def _always(samples: Sequence[Sample]) -> Counter[str]:
    counts = [Counter(each.tasks) for each in samples]
    common = counts[0]
    for each in counts[1:]:
        common &= each
    return common


def _ever(samples: Sequence[Sample]) -> Counter[str]:
    union: Counter[str] = Counter()
    for each in samples:
        union |= Counter(each.tasks)
    return union
