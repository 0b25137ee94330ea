"""Servers for these tests."""

from __future__ import annotations

from jitsi.fixtures import http, meet, prosody, recordings
from jitsi_lab.fixtures import jitsi_lab

__all__ = ["http", "jitsi_lab", "meet", "prosody", "recordings"]
