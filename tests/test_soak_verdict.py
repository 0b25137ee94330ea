"""Whether a soak can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from soak.verdict import Sample, verdict

QUIET = Sample(0.0, 150.0, {7: 40.0}, 9, 29, 12, ("jitsi call", "xmpp reader"))


def stay(**at_the_end: object) -> list[Sample]:
    """Twenty samples in 400 s, of which the last ten are otherwise."""
    samples = [replace(QUIET, at_s=20.0 * number) for number in range(20)]
    return samples[:10] + [replace(each, **at_the_end) for each in samples[10:]]  # type: ignore[arg-type]


def test_what_stays_as_it_is_is_good() -> None:
    result = verdict(stay(), warm_up_s=60)
    assert result["faults"] == []
    assert result["samples"] == 17
    assert result["memory_mb"]["program"] == {"first": 150.0, "last": 150.0, "growth": 0.0}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"memory_mb": 152.0}, "memory of the program grew by 1.3%"),
        ({"workers_mb": {7: 41.0}}, "memory of the worker 7 grew by 2.5%"),
        ({"sockets": 10}, "sockets: 9 in the beginning, 10 in the end"),
        ({"files": 30}, "files: 29 in the beginning, 30 in the end"),
        ({"threads": 13}, "threads: 12 in the beginning, 13 in the end"),
        ({"tasks": ("jitsi call", "jitsi call", "xmpp reader")}, "1 more of the task 'jitsi call'"),
    ],
)
def test_what_grows_is_told(change: dict[str, object], fault: str) -> None:
    assert verdict(stay(**change), warm_up_s=60)["faults"] == [fault]


def test_what_only_happens_to_be_there_is_not() -> None:
    samples = stay()
    samples[-1] = replace(samples[-1], sockets=10, tasks=(*QUIET.tasks, "passing by"))
    assert verdict(samples, warm_up_s=60)["faults"] == []


def test_a_worker_that_was_started_anew_has_its_own_beginning() -> None:
    assert verdict(stay(workers_mb={8: 70.0}), warm_up_s=60)["faults"] == []


def test_growth_before_the_warm_up_does_not_count_and_too_few_samples_tell_nothing() -> None:
    assert verdict(stay(memory_mb=170.0), warm_up_s=200)["faults"] == []
    assert verdict(stay(), warm_up_s=380)["faults"] == ["only 1 samples after the warm-up"]
