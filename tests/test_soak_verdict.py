"""Whether a soak can fail."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from soak.program import anonymous_mb
from soak.verdict import Sample, verdict

QUIET = Sample(0.0, 155.0, 150.0, {7: 30.0, 8: 10.0}, 9, 29, 12, ("jitsi call", "xmpp reader"))
HOUR_S = 3600.0

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/smaps_rollup")


def stay(**at_the_end: object) -> list[Sample]:
    """Twenty samples in 400 s, of which the last ten are otherwise."""
    samples = [replace(QUIET, at_s=20.0 * number) for number in range(20)]
    return samples[:10] + [replace(each, **at_the_end) for each in samples[10:]]  # type: ignore[arg-type]


def hour(seed: int, *, leak_mb: float = 0.0, noise_mb: float = 0.4) -> list[Sample]:
    """As many samples as an hour gives, of a program that leaks so much in it and has some noise."""
    noise, count = random.Random(seed), 60
    shares = [number / count for number in range(count)]
    held_mb = [QUIET.held_mb + leak_mb * share + noise.gauss(0, noise_mb) for share in shares]
    return [
        replace(QUIET, at_s=HOUR_S * share, held_mb=each_mb, memory_mb=each_mb + abs(noise.gauss(0, 4)))
        for share, each_mb in zip(shares, held_mb, strict=True)
    ]


def test_what_stays_as_it_is_is_good() -> None:
    result = verdict(stay(), warm_up_s=60)
    assert result["faults"] == []
    assert result["samples"] == 17
    assert result["memory_mb"]["program"] == {"first": 150.0, "last": 150.0, "growth": 0.0, "error": 0.0}
    assert result["memory_mb"]["workers 7, 8"]["first"] == 40.0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"held_mb": 152.0}, "memory of the program grew by 1.3%"),
        ({"memory_mb": 157.0}, "memory of the program with what it keeps free grew by 1.3%"),
        ({"workers_mb": {7: 31.0, 8: 10.0}}, "memory of the workers 7, 8 grew by 2.5%"),
        ({"sockets": 10}, "sockets: 9 in the beginning, 10 in the end"),
        ({"files": 30}, "files: 29 in the beginning, 30 in the end"),
        ({"threads": 13}, "threads: 12 in the beginning, 13 in the end"),
        ({"tasks": ("jitsi call", "jitsi call", "xmpp reader")}, "1 more of the task 'jitsi call'"),
    ],
)
def test_what_grows_is_told(change: dict[str, object], fault: str) -> None:
    assert verdict(stay(**change), warm_up_s=60)["faults"] == [fault]


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_of_two_percent_an_hour_is_told_through_the_noise_and_noise_is_none(seed: int) -> None:
    assert verdict(hour(seed, leak_mb=3.0), warm_up_s=300)["faults"][0].startswith("memory of the program grew by")
    assert verdict(hour(seed), warm_up_s=300)["faults"] == []


def test_a_worker_that_leaks_is_told_and_its_warm_up_is_no_leak() -> None:
    leaky = [replace(each, workers_mb={7: 200.0 + 8.0 * each.at_s / HOUR_S}) for each in hour(1)]
    assert verdict(leaky, warm_up_s=300)["faults"] == ["memory of the workers 7 grew by 2.9%"]
    warm = [replace(each, workers_mb={7: 200.0 + min(8.0, each.at_s / 30)}) for each in hour(1)]
    anew = [replace(each, workers_mb={9: 200.0 + min(8.0, (each.at_s - 1800) / 30)}) for each in hour(1)[30:]]
    assert verdict([*warm[:30], *anew], warm_up_s=300)["faults"] == []


def test_noise_that_would_hide_a_leak_is_no_good_verdict() -> None:
    faults = verdict(hour(1, noise_mb=9.0), warm_up_s=300)["faults"]
    assert any("varies too much to tell" in each for each in faults)


def test_what_only_happens_to_be_there_is_not() -> None:
    samples = stay()
    samples[-1] = replace(samples[-1], sockets=10, tasks=(*QUIET.tasks, "passing by"))
    assert verdict(samples, warm_up_s=60)["faults"] == []


def test_a_worker_that_was_started_anew_has_its_own_beginning() -> None:
    assert verdict(stay(workers_mb={7: 70.0, 9: 10.0}), warm_up_s=60)["faults"] == []
    anew = [replace(each, workers_mb={7: 70.0 + each.at_s / 60, 9: 10.0}) for each in hour(1)[20:]]
    assert verdict([*hour(1)[:20], *anew], warm_up_s=300)["faults"][0] == "memory of the workers 7, 9 grew by 25.9%"


def test_growth_before_the_warm_up_does_not_count_and_too_few_samples_tell_nothing() -> None:
    assert verdict(stay(held_mb=170.0), warm_up_s=200)["faults"] == []
    assert verdict(stay(), warm_up_s=380)["faults"] == ["only 1 samples after the warm-up"]


PROGRAM = """
import sys
from eyeline.processing.memory import give_freed_memory_back, keep_freed_memory
keep_freed_memory()
leak_bytes, held, leaked = int(sys.argv[1]), b"x" * (100 << 20), []
for line in sys.stdin:
    busy = [bytearray(b"x") * (100_000 * (1 + number % 9)) for number in range(60)]
    leaked += [busy[0][:1000] for _ in range(leak_bytes // 1000)]
    del busy
    if line == "visit\\n":
        give_freed_memory_back()
    print(flush=True)
"""


def watched(leak_bytes: int) -> list[Sample]:
    """A real program in 30 quiet moments, which leaks in between and keeps much for later."""
    samples = []
    command = [sys.executable, "-c", PROGRAM, str(leak_bytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(30):
            memory_mb = []
            for word in ("work", "visit"):
                program.stdin.write(f"{word}\n")
                program.stdout.readline()
                memory_mb.append(anonymous_mb(program.pid))
            samples.append(replace(QUIET, at_s=float(number), memory_mb=memory_mb[0], held_mb=memory_mb[1]))
        program.stdin.close()
    return samples


@linux_only
def test_a_program_that_leaks_is_told_from_one_that_only_keeps_memory() -> None:
    good, leaky = watched(0), watched(40_000)  # twice, in each of 30 moments: 2.4 of 100 MB
    assert verdict(good, warm_up_s=3)["faults"] == []
    assert good[-1].memory_mb > good[-1].held_mb + 10
    assert verdict(leaky, warm_up_s=3)["faults"][0].startswith("memory of the program grew by")


@linux_only
def test_memory_of_files_is_not_counted() -> None:
    command = [sys.executable, "-c", "import numpy, cv2; print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdout.readline()
        assert 5 < anonymous_mb(program.pid) < 40  # its code alone is more
        program.stdin.close()
