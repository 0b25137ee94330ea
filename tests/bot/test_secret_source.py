from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from eyeline.bot.secret_source import SecretSource


def test_a_renewed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    source = SecretSource(SecretStr("first"), file)
    assert source.current() == "first"
    file.write_text("second\r\n")
    assert source.current() == "second"
    file.write_text("\x00")
    assert source.current() == "second"
    file.write_bytes(b"\xff")
    assert source.current() == "second"
    file.unlink()
    assert source.current() == "second"


def test_what_the_environment_gave_is_never_renewed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("other\n")
    assert SecretSource(SecretStr("given"), file).current() == "given"
    assert SecretSource(None, None).current() == ""
