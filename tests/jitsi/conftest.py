"""Fixtures of the end-to-end tests against a small Jitsi deployment."""

from __future__ import annotations

from jitsi_lab.fixtures import jitsi_lab

__all__ = ["jitsi_lab"]
