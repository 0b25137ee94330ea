"""Servers for these tests."""

from __future__ import annotations

from jitsi.fixtures import meet, prosody
from jitsi_lab.fixtures import jitsi_lab

__all__ = ["jitsi_lab", "meet", "prosody"]
