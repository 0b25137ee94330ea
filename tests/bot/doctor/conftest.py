from __future__ import annotations

from pathlib import Path

import pytest
from doctor_lab import patient

from eyeline.bot.doctor.diagnosis import Patient


@pytest.fixture
def ordinary(tmp_path: Path) -> Patient:
    """All by default."""
    return patient(tmp_path)
