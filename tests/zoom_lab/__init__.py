"""Zoom's SDK as a double that is as strict as the real one, and a bridge process to run with either."""
