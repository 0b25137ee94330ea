"""`python -m eyeline.integrations.zoom.bridge`: started by the meeting process, one for each try to join."""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from typing import Any

from eyeline.integrations.zoom.bridge.entry import serve
from eyeline.integrations.zoom.bridge.loop import Loop


def load_sdk(_loop: Loop) -> tuple[Any, str]:
    """Zoom's SDK and the version of its wrapper.

    Raises:
        ImportError: It is not installed, or a library of the system is missing.
    """
    return import_module("zoom_meeting_sdk"), metadata.version("zoom-meeting-sdk")


if __name__ == "__main__":
    serve(sys.argv[1:], load_sdk)
