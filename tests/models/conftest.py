"""The parts of `weights_lab` as fixtures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from weights_lab import Web, Weights, handler, publish, small_weights

from eyeline.models.store import ModelStore


@pytest.fixture
def web() -> Iterator[Web]:
    """A server with no files yet."""
    web = Web()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(web)) as server:
        web.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield web
        web.stopped.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def weights() -> Weights:
    """Made once."""
    return small_weights()


@pytest.fixture
def store(tmp_path: Path, weights: Weights) -> ModelStore:
    """An empty store of the two networks."""
    return ModelStore(tmp_path / "models", models=weights.models)


@pytest.fixture
def index(web: Web, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A package index that pip is told to use, with the wheel on it."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{web.url}/simple/")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    publish(web, weights.wheel())
    return web
