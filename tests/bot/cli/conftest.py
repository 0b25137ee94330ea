"""Commands that see neither this person's settings nor this machine's weights."""

from __future__ import annotations

import logging

import pytest
import structlog


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty current directory, home and environment."""
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield tmp_path / "here"
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
