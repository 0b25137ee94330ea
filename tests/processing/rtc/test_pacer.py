"""How the packets of one frame are spread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.pacer import AT_ONCE, SPREAD_S, FramePacer


@pytest.mark.parametrize("packets", range(AT_ONCE + 1))
def test_a_small_frame_goes_at_once(packets: int) -> None:
    assert FramePacer(packets).allowed(0.0) == packets


@given(st.integers(AT_ONCE + 1, 1000))
def test_a_large_frame_is_gone_in_time_and_never_in_large_bursts(packets: int) -> None:
    pacer, elapsed_s, sent, bursts = FramePacer(packets), 0.0, 0, []
    while sent < packets:
        allowed = pacer.allowed(elapsed_s)
        assert sent <= allowed <= packets
        bursts.append(allowed - sent)
        sent = allowed
        elapsed_s += pacer.pause_s(elapsed_s) + 1e-9
    assert elapsed_s <= SPREAD_S + 0.0013
    assert max(bursts) <= max(AT_ONCE, packets / 8 + 1)


def test_whoever_wakes_late_sends_what_was_due() -> None:
    pacer = FramePacer(100)
    assert 0 < pacer.allowed(0.0) < pacer.allowed(0.005) < 100
    assert pacer.allowed(SPREAD_S) == 100
    assert pacer.allowed(5.0) == 100
