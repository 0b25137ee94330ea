"""Frames in, frames out: sources, the picture and the outgoing tracks. Knows no network and no meeting."""
