"""Meetings: one protocol, one adapter per platform. Knows nothing of the picture or of the bot."""
