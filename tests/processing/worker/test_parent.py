"""Programs that run a worker, as processes of their own: what is left when they die, and what they need not do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from worker_lab import eventually, memory_left

TESTS = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")

# Without `if __name__ == "__main__"`, as scripts are often written.
PROGRAM = """
import sys
import threading
from worker_lab import memory_names, stage
print("begun", flush=True)
with stage() as acting:
    acting.wear("color:#000000")
    acting.goes_on(3)
    print(acting.maker.pid, *memory_names(acting.maker), flush=True)
    if "endless" in sys.argv:
        threading.Event().wait()
print("done", flush=True)
"""


@contextmanager
def program(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(
        [sys.executable, str(script), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The program, the fork server, the worker and the resource tracker."""
    own = psutil.Process(process.pid)
    return [own, *own.children(recursive=True)]


def gone(each: psutil.Process) -> bool:
    try:
        return each.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass
class Begun:
    """What the program tells: its worker and its shared memory."""

    worker: int
    memory: list[str]


def begun(line: str) -> Begun:
    worker, *memory = line.split()
    return Begun(int(worker), memory)


def worker_of(process: subprocess.Popen[str]) -> Begun:
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return begun(process.stdout.readline())


def test_a_script_is_run_once_and_leaves_without_a_word(tmp_path: Path) -> None:
    with program(tmp_path) as process:
        out, complaints = process.communicate(timeout=200)
    assert complaints == ""
    first, worker, *last = out.splitlines()
    assert (first, last, process.returncode) == ("begun", ["done"], 0)
    assert memory_left(begun(worker).memory) == []


@pytest.mark.parametrize("stopped", [False, True], ids=["working", "stopped"])
def test_when_its_parent_is_killed_the_worker_goes_too(tmp_path: Path, stopped: bool) -> None:
    if stopped and sys.platform != "linux":
        pytest.skip("needs Linux")
    with program(tmp_path, "endless") as process:
        told = worker_of(process)
        everybody = family(process)
        assert told.worker in {each.pid for each in everybody}
        assert memory_left(told.memory) == told.memory
        if stopped:
            os.kill(told.worker, signal.SIGSTOP)
            time.sleep(0.1)
        process.kill()
        process.wait()
        eventually(lambda: all(gone(each) for each in everybody), "the end of all of them")
    eventually(lambda: memory_left(told.memory) == [], "the end of the shared memory")


def test_ctrl_c_goes_to_all_of_them_and_leaves_nothing(tmp_path: Path) -> None:
    with program(tmp_path, "endless") as process:
        told = worker_of(process)
        everybody = family(process)
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=200)
        assert complaints.splitlines()[-1] == "KeyboardInterrupt"
        assert complaints.count("Traceback") == 1
        eventually(lambda: all(gone(each) for each in everybody), "the end of all of them")
    assert memory_left(told.memory) == []


def test_a_killed_fork_server_is_replaced_too(tmp_path: Path) -> None:
    with program(tmp_path, "endless") as process:
        worker = worker_of(process).worker
        server = psutil.Process(worker).parent()
        if server is None or server.pid == process.pid:
            pytest.skip("there is no fork server here")
        server.kill()
        eventually(lambda: gone(server) or not server.is_running(), "the end of the fork server")
        os.kill(worker, signal.SIGKILL)

        def has_worker() -> bool:
            return any(
                len(each.children()) for each in psutil.Process(process.pid).children() if each.pid != server.pid
            )

        eventually(has_worker, "another worker")
