"""Zoom meetings through Zoom's Meeting SDK for Linux, which runs in a process of its own.

Eyeline is not affiliated with Zoom. The SDK is closed software under Zoom's own terms: Eyeline depends on it and ships
none of it.
"""
