"""Data and trainers of our own networks."""
