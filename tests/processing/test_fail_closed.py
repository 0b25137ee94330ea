"""A raw frame has no way out: only the picture makes processed frames, and whoever reads those that it made."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = ("bot", "integrations", "processing", "models", "config")


def makers_of_processed_frames(source: str) -> list[int]:
    """Lines that call `ProcessedFrame`, by whatever name it was imported."""
    tree = ast.parse(source)
    names = {"ProcessedFrame"} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "ProcessedFrame" and alias.asname
    }
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        function.lineno
        for function in called
        if (isinstance(function, ast.Name) and function.id in names)
        or (isinstance(function, ast.Attribute) and function.attr == "ProcessedFrame")
    ]


def test_only_the_picture_and_the_reader_of_its_ring_make_processed_frames():
    makers = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in CODE
        for path in (REPOSITORY / folder).rglob("*.py")
        if makers_of_processed_frames(path.read_text())
    }
    assert makers == {"processing/picture.py", "processing/worker/rings.py"}


def test_the_check_sees_through_names():
    assert makers_of_processed_frames("from a import ProcessedFrame as P\nP(1, 2)") == [2]
    assert makers_of_processed_frames("import a\na.ProcessedFrame(1, 2)") == [2]
    assert makers_of_processed_frames("def show(frame: ProcessedFrame) -> None: ...") == []
