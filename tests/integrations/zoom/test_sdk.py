from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path

import pytest

from eyeline.integrations.zoom import sdk
from eyeline.integrations.zoom.errors import ZoomUnavailableError

HAS_WHEEL = sys.platform == "linux" and platform.machine() == "x86_64"
MISSING = "libGL.so.1"


def without(*names: str):
    def load(name: str) -> object:
        if name in names:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    return load


@pytest.mark.skipif(not HAS_WHEEL, reason="there is no SDK for this machine")
def test_development_has_the_real_sdk() -> None:
    """`eyeline[dev]` and `make system-packages` bring all of it."""
    assert sdk.platform_fault() == ""
    assert sdk.is_installed()
    if missing := sdk.missing_libraries():
        pytest.skip(f"the system has no {', '.join(missing)}")
    sdk.require_sdk()
    assert "zoom_meeting_sdk" not in sys.modules


@pytest.mark.skipif(not HAS_WHEEL, reason="there is no SDK for this machine")
def test_the_list_of_libraries_is_what_the_wheel_needs() -> None:
    """Every library that a file of the wheel names is in the wheel, in libc, or in the list."""
    package = Path(str(sdk.importlib.util.find_spec(sdk.MODULE).origin)).parent
    files = [
        path for folder in (package, *package.parent.glob("zoom_meeting_sdk*.libs")) for path in folder.rglob("*.so*")
    ]
    inside = {path.name for path in files}
    libc = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libresolv.so", "ld-linux", "libgcc_s.so")
    needed = {name for path in files for name in needed_by(path)}
    assert needed - inside >= {"libGL.so.1", "libX11.so.6"}
    assert {name for name in needed - inside if not name.startswith(libc)} == set(sdk.LIBRARIES)


def needed_by(path: Path) -> list[str]:
    """`DT_NEEDED` of an ELF file for x86-64 (System V ABI, chapter 5), by its section headers."""
    content = path.read_bytes()
    if content[:5] != b"\x7fELF\x02":
        return []

    def number(at: int, size: int) -> int:
        return int.from_bytes(content[at : at + size], "little")

    headers, size, count = number(0x28, 8), number(0x3A, 2), number(0x3C, 2)
    for section in range(headers, headers + size * count, size):
        if number(section + 4, 4) == 6:  # SHT_DYNAMIC
            start, length = number(section + 0x18, 8), number(section + 0x20, 8)
            strings = number(headers + size * number(section + 0x28, 4) + 0x18, 8)
            entries = [(number(at, 8), number(at + 8, 8)) for at in range(start, start + length, 16)]
            texts = [strings + value for tag, value in entries if tag == 1]  # DT_NEEDED
            return [content[at : content.index(b"\0", at)].decode() for at in texts]
    return []


def test_a_missing_library_is_named_with_what_installs_it() -> None:
    assert sdk.missing_libraries(without()) == []
    missing = sdk.missing_libraries(without(MISSING, "libglib-2.0.so.0", "libgobject-2.0.so.0"))
    assert missing == [MISSING, "libglib-2.0.so.0", "libgobject-2.0.so.0"]
    assert sdk.apt_line(missing) == "Run: apt-get install libgl1 libglib2.0-0"
    with pytest.raises(OSError, match="no-such"):
        ctypes.CDLL("libno-such.so.1")  # what a missing one does


@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64"), ("linux", "i686")]
)
def test_where_there_is_no_sdk_a_camera_takes_its_place(
    system: str, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(ZoomUnavailableError) as caught:
        sdk.require_sdk()
    assert machine in caught.value.message
    assert "eyeline camera" in caught.value.hint


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "platform_fault", lambda: "")
    monkeypatch.setattr(sdk, "is_installed", lambda: False)
    with pytest.raises(ZoomUnavailableError, match="not installed") as caught:
        sdk.require_sdk()
    assert "eyeline[zoom]" in caught.value.hint
    monkeypatch.setattr(sdk, "is_installed", lambda: True)
    monkeypatch.setattr(sdk, "missing_libraries", lambda: [MISSING])
    with pytest.raises(ZoomUnavailableError, match="libGL") as caught:
        sdk.require_sdk()
    assert "libgl1" in caught.value.hint
