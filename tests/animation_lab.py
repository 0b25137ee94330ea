"""Animated pictures of known greys, written by another program's encoder."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

LEVELS = (40, 80, 120, 160, 200)


def write_animation(path: Path, *, levels: tuple[int, ...] = LEVELS, lasts_ms: int = 100, size=(64, 48)) -> Path:
    """One frame of each grey; the ending of the path tells the format."""
    frames = [Image.new("RGB", size, (level, level, level)) for level in levels]
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=lasts_ms, loop=0, **lossless)
    return path


def write_see_through(path: Path) -> Path:
    """Two frames: all transparent, then white in the left half."""
    frames = [Image.new("RGBA", (64, 48), (0, 0, 0, 0)) for _ in range(2)]
    frames[1].paste((255, 255, 255, 255), (0, 0, 32, 48))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0, disposal=2)
    return path
