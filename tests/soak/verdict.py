"""What a soak measured, and whether it is good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

MAX_GROWTH = 0.01
LEAST_GROWTH_MB = 0.5  # of a small helper process a percent is nothing
LEAST_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """The program in a quiet moment: in the room with one other, on the air.

    Args:
        at_s: Since the beginning.
        memory_mb: Of the program, that no other process has (USS).
        workers_mb: Likewise, of its children, by process id.
        sockets: Open ones of the program.
        files: Open file descriptors of the program.
        threads: Of the program.
        tasks: Names of its asyncio tasks.
    """

    at_s: float
    memory_mb: float
    workers_mb: Mapping[int, float]
    sockets: int
    files: int
    threads: int
    tasks: tuple[str, ...]


def verdict(samples: Sequence[Sample], warm_up_s: float) -> dict[str, Any]:
    """Compare the end with the beginning after the warm-up.

    Args:
        samples: In order.
        warm_up_s: What came earlier does not count.

    Returns:
        Figures, and `faults`: why the soak failed, in words; empty when it did not.
    """
    counted = [each for each in samples if each.at_s >= warm_up_s]
    if len(counted) < LEAST_SAMPLES:
        return {"samples": len(counted), "faults": [f"only {len(counted)} samples after the warm-up"]}
    share = max(2, len(counted) // 5)
    first, last = counted[:share], counted[-share:]
    memory = {"program": growth_of([each.memory_mb for each in counted])}
    for pid in sorted({pid for each in counted for pid in each.workers_mb}):
        held_mb = [each.workers_mb[pid] for each in counted if pid in each.workers_mb]
        if len(held_mb) >= LEAST_SAMPLES:  # one that was started anew has a warm-up of its own
            memory[f"worker {pid}"] = growth_of(held_mb)
    faults = [f"memory of the {of} grew by {each['growth']:.1%}" for of, each in memory.items() if _is_much(each)]
    # a task or socket that only happens to be there is not there in every sample of the end
    for name in ("sockets", "files", "threads"):
        had, has = max(getattr(each, name) for each in first), min(getattr(each, name) for each in last)
        if has > had:
            faults.append(f"{name}: {had} in the beginning, {has} in the end")
    left = _always(last) - _ever(first)
    faults += [f"{count} more of the task {name!r}" for name, count in sorted(left.items())]
    return {
        "samples": len(counted),
        "memory_mb": memory,
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
    """The median of the first fifth and of the last, and by how much the one is above the other."""
    share = max(2, len(memory_mb) // 5)
    first_mb, last_mb = median(memory_mb[:share]), median(memory_mb[-share:])
    return {"first": first_mb, "last": last_mb, "growth": last_mb / first_mb - 1}


def _is_much(memory: dict[str, float]) -> bool:
    return memory["growth"] > MAX_GROWTH and memory["last"] - memory["first"] > LEAST_GROWTH_MB


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
