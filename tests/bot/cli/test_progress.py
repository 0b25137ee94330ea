from __future__ import annotations

import io

from rich.console import Console

from eyeline.bot.cli.progress import download_progress


def test_elsewhere_there_is_a_line_for_every_tenth():
    out = io.StringIO()
    with download_progress(Console(file=out, width=80)) as report:
        for done_bytes in range(0, 1_000_001, 10_000):
            report("a [b]", done_bytes, 1_000_000)
    lines = out.getvalue().splitlines()
    assert lines == [f"a [b]: {percent} % of 1.0 MB" for percent in range(10, 101, 10)]


def test_leaps_and_repetitions_give_no_extra_lines():
    out = io.StringIO()
    with download_progress(Console(file=out, width=80)) as report:
        for done_bytes, total_bytes in ((5, None), (0, 0), (55, 100), (59, 100), (60, 100), (100, 100), (100, 100)):
            report("x", done_bytes, total_bytes)
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["55", "60", "100"]


def test_a_terminal_gets_a_bar_for_each_file():
    out = io.StringIO()
    with download_progress(Console(file=out, width=100, force_terminal=True)) as report:
        report("one", 500_000, 1_000_000)
        report("two", 1, None)
        report("one", 1_000_000, 1_000_000)
    assert "one" in out.getvalue()
    assert "two" in out.getvalue()
    assert "1.0/1.0 MB" in out.getvalue()
