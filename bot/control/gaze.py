"""What a command about the gaze asks for, and how it is told."""

from __future__ import annotations

from dataclasses import replace

from eyeline.bot.control.commands import Gaze as GazeCommand
from eyeline.processing.gaze_spec import DEFAULT_GAZE_STRENGTH, Gaze, GazeMode


def wanted_gaze(command: GazeCommand, now: Gaze) -> Gaze:
    """The gaze after a command; a strength alone keeps the mode, and what is off is switched on to natural."""
    if command.mode == "off" or command.strength == 0:
        return replace(now, mode=GazeMode.OFF)
    usual = now.mode if now.works else GazeMode.NATURAL
    mode = GazeMode(command.mode) if command.mode else usual
    strength = command.strength or now.strength or DEFAULT_GAZE_STRENGTH
    return replace(now, mode=mode, strength=strength)


def gaze_words(gaze: Gaze) -> str:
    """For people."""
    return f"{gaze.mode.value}, {gaze.strength} of 100" if gaze.works else "as it is"
