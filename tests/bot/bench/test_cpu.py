"""CPU time of processes, and work of a known cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from eyeline.bot.bench.cpu import ProcessTree, process_cpu_s
from eyeline.bot.bench.work import WorkSpec, burn
from eyeline.processing.effects import EffectState, NoBackground
from eyeline.processing.frame import CapturedFrame, I420Image

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass\\ninput()"],
                         stdin=subprocess.PIPE)
print(flush=True)
input()
child.communicate(b"\\n")
"""


def test_our_own_is_what_the_clock_says() -> None:
    before_s, clock_s = process_cpu_s(os.getpid()), time.process_time()
    burn(50)
    assert before_s is not None
    assert abs((process_cpu_s(os.getpid()) or 0) - before_s - (time.process_time() - clock_s)) < 0.02


def test_a_process_that_is_gone_has_none() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_cpu_s(process.pid) is None


def test_children_count_and_are_not_forgotten() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        tree = ProcessTree(process.pid)
        until_s = time.monotonic() + 60
        while tree.cpu_s() < 0.3 and time.monotonic() < until_s:
            time.sleep(0.05)
        used_s = tree.cpu_s()
        assert used_s >= 0.3
        assert tree.rss_mb() > 5
        process.communicate(b"\n")
        assert tree.cpu_s() >= used_s
        assert tree.rss_mb() == 0


def test_work_takes_the_time_that_it_is_to_take() -> None:
    begun_s = time.thread_time()
    burn(30)
    assert 0.030 <= time.thread_time() - begun_s < 0.040


def test_a_working_picture_shows_what_comes() -> None:
    with WorkSpec(5)() as picture:
        picture.apply(picture.prepare(EffectState(NoBackground())))
        frame = CapturedFrame(I420Image.filled(64, 32, (90, 100, 110)), 12.5)
        begun_s = time.thread_time()
        processed = picture.process(frame)
        assert time.thread_time() - begun_s >= 0.005
    assert (processed.image.data == frame.image.data).all()
    assert processed.captured_at_s == 12.5
