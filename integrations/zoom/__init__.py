"""Zoom meetings, through Zoom's own Meeting SDK in a process of its own."""
