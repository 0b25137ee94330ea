"""Loudness of outgoing sound, as bridges want it for finding the speaker."""

from __future__ import annotations

import math

import numpy as np
from av import AudioFrame

_QUIETEST_DBOV = -127


def audio_level_dbov(frame: AudioFrame) -> int:
    """Root mean square of the first plane of 16-bit samples, -127 to 0 dBov (RFC 6464, section 3)."""
    channels = 1 if frame.format.is_planar else frame.layout.nb_channels
    samples = np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples * channels).astype(np.float32)
    power = float(np.dot(samples, samples)) / max(1, samples.size) / (32767.0 * 32767.0)
    if power <= 0:
        return _QUIETEST_DBOV
    return round(min(0.0, max(_QUIETEST_DBOV, 10 * math.log10(power))))
