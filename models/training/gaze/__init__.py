"""Eyes whose gaze is known, because they are drawn."""
