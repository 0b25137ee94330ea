"""Why a measurement cannot be made."""

from __future__ import annotations

from eyeline.config.errors import MediaError, UsageError


class BenchError(MediaError):
    """A part of the measurement failed, so there is no figure."""

    code = "bench"


class BenchUsageError(UsageError):
    """What was asked to be measured cannot be."""

    code = "bench_usage"
