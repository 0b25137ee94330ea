"""Settings read from nowhere but what a test writes."""

from __future__ import annotations

import functools

import pytest

from eyeline.config.settings import load_settings


@pytest.fixture
def project(tmp_path):
    """Where the settings file of the project would be."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project" / "eyeline.toml"


@pytest.fixture
def user(tmp_path):
    """Where the user's settings file would be."""
    (tmp_path / "user").mkdir()
    return tmp_path / "user" / "eyeline.toml"


@pytest.fixture
def load(project, user):
    """`load_settings` without this machine's settings."""
    return functools.partial(_load, project, user)


def _load(project, user, flags=None, environ=None, **more):
    return load_settings(flags, environ=environ or {}, cwd=project.parent, user_file=user, **more)
