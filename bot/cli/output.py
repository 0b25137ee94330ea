"""What commands say on standard output: lines for people, or JSON for programs."""

from __future__ import annotations

import json
import sys


def write_line(text: str = "") -> None:
    """Write one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def write_json(value: object) -> None:
    """Write a value as indented JSON; it must consist of what JSON knows."""
    write_line(json.dumps(value, indent=2, ensure_ascii=False))
