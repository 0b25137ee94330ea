from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from eyeline.processing.rtc.native_library import library_names


@pytest.mark.parametrize("stem", ["vpx", "opus"])
def test_what_the_wheel_brings_comes_first(stem: str) -> None:
    first = next(library_names(stem))
    if not Path(first).is_absolute():
        pytest.skip("PyAV is not from a wheel here")
    assert stem in Path(first).name
    ctypes.CDLL(first)


def test_what_is_nowhere_has_no_names() -> None:
    assert list(library_names("nothing-of-the-kind")) == []
