"""Loops over pixels that numpy and OpenCV have no fused form of, compiled by numba and cached on disk."""
