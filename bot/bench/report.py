"""Results of measurements as tables for people."""

from __future__ import annotations

from typing import Any

from rich.table import Table

_REACH: dict[str, str] = {
    "fps": "≥ 29.5",
    "added_latency_ms.p50": "≤ 26",
    "added_latency_ms.p95": "≤ 40",
    "ratio_to_parts": "≤ 1.2",
    "ratio_to_naive_p95": "≤ 0.45",
    "loop_lag_ms.p99": "≤ 10",
    "audio_skew_ms.p95": "≤ 20",
    "memory_growth_mb_per_hour": "< 10",
    "ratio_to_bare_codec": "≤ 1.10",
    "ratio_to_gstreamer": "≤ 1",
    "unasked_keyframes": "0",
    "ratio_to_single": "≤ 1.5",
    "switch_ms.p95": "≤ 250",
    "bandwidth_step.longest_gap_ms": "≤ 500",
    "bandwidth_step.latency_back_s": "≤ 3",
    "command_to_pixels_ms.p95": "≤ 150",
    "command_to_pixels_ms.chat.p95": "≤ 150",
    "command_to_pixels_ms.rest.p95": "≤ 150",
    "return_ms.p95": "≤ 300",
    "cards_first": "0",
    "away.processed": "0",
    "memory_mb_per_hour": "< 10",
    "handover_ms.p50": "≤ 0.6",
    "cpu_percent.handover": "≤ 3",
    "share_of_possible": "≥ 0.8",
    "shown_share": "≥ 0.97",
}


def tables(title: str, result: dict[str, Any]) -> list[Table]:
    """A table of the result, and one for each of its cases.

    Args:
        title: Of the first one.
        result: As it is written as JSON.
    """
    main = {key: value for key, value in result.items() if key != "cases"}
    cases = result.get("cases", {})
    return [_table(title, main), *(_table(name, case) for name, case in cases.items())]


def _table(title: str, result: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("measured", justify="right")
    table.add_column("aim", justify="right")
    for key, value in _flat(result):
        table.add_row(key, _written(value), _REACH.get(key, ""))
    return table


def _flat(result: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in result.items():
        if isinstance(value, dict):
            rows.extend(_flat(value, f"{prefix}{key}."))
        else:
            rows.append((f"{prefix}{key}", value))
    return rows


def _written(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
        case list() | tuple():
            return " … ".join(_written(each) for each in value)
        case _:
            return str(value)
