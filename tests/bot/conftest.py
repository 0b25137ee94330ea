"""Fixtures of tests that run the whole of Eyeline."""

from __future__ import annotations

from jitsi_lab.fixtures import jitsi_lab

__all__ = ["jitsi_lab"]
