"""The form of sound inside Eyeline: 48 kHz, mono, 16 bits, in blocks of 20 ms where blocks are asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
BLOCK_MS = 20
BLOCK_SAMPLES = SAMPLE_RATE_HZ * BLOCK_MS // 1000

Samples = NDArray[np.int16]
