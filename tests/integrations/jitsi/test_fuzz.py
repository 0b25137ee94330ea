from __future__ import annotations

from fuzz_jitsi import fuzz, targets


def test_damaged_input_is_taken_or_an_error_of_ours() -> None:
    """A short run; `make fuzz` is the long one."""
    report = fuzz(6_000, seed=20_260_101)
    outcomes = report["outcomes"]
    assert isinstance(outcomes, dict)
    for name in targets():
        assert any(each.startswith(f"{name}: ") for each in outcomes)
    assert sum(outcomes.values()) == 6_000
