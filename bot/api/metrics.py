"""`GET /metrics`: figures of the running program in the text format of Prometheus."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.api.operation import Answer, Operation
from eyeline.bot.host import Host
from eyeline.bot.state import SessionState
from eyeline.bot.studio import Studio
from eyeline.processing.outgoing_video import VideoState


class Metrics:
    """Reads the figures when somebody asks for them.

    Args:
        host: Whose.
        hub: Whose listeners are counted.
    """

    def __init__(self, host: Host, hub: EventHub) -> None:
        self._host = host
        self._hub = hub
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def operations(self) -> list[Operation]:
        """What can be done."""
        text = Answer("Figures", media_type="text/plain")
        return [Operation("GET", "/metrics", self._read, "Figures for Prometheus", {200: text})]

    def collect(self) -> Iterator[Metric]:
        """All figures as they are now; those of the picture while the camera is open."""
        yield from self._of_host()
        studio = self._host.stage.studio
        if studio is not None:
            yield from _of_studio(studio)

    async def _read(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_1_0_0})

    def _of_host(self) -> Iterator[Metric]:
        stay = self._host.current
        state = GaugeMetricFamily(
            "eyeline_meeting_state", "1 for where the stay in a meeting stands.", labels=["state"]
        )
        for each in SessionState:
            state.add_metric([each.value], float(stay is not None and stay.state is each))
        yield state
        yield GaugeMetricFamily("eyeline_event_listeners", "Open event streams.", self._hub.listeners)
        commands = self._host.control.audit.entries
        yield GaugeMetricFamily("eyeline_commands_remembered", "Commands in the audit log.", len(commands))
        live = self._host.stage.video.state is VideoState.LIVE
        yield GaugeMetricFamily("eyeline_on_air", "1 while others see the live picture, 0 for the card.", float(live))
        latency_s = stay.session.video_latency_s if stay is not None and stay.session is not None else None
        if latency_s is not None:
            yield GaugeMetricFamily("eyeline_video_latency_seconds", "Age of pictures when they leave.", latency_s)


def _of_studio(studio: Studio) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "eyeline_frames_processed", "Pictures made since the camera was opened.", studio.processed
    )
    yield CounterMetricFamily("eyeline_frames_dropped", "Frames passed over since then.", studio.dropped)
    yield CounterMetricFamily("eyeline_worker_restarts", "Restarts of what makes the pictures.", studio.restarts)
    stages = GaugeMetricFamily("eyeline_stage_seconds", "Time of a stage for one frame, smoothed.", labels=["stage"])
    for name, value_ms in dataclasses.asdict(studio.times).items():
        stages.add_metric([name.removesuffix("_ms")], value_ms / 1000)
    yield stages
    lag = studio.loop_lag.percentiles()
    if lag is not None:
        lags = GaugeMetricFamily(
            "eyeline_loop_lag_seconds", "Lateness of the event loop, of a minute.", labels=["quantile"]
        )
        for quantile, lag_ms in (("0.5", lag.p50_ms), ("0.95", lag.p95_ms), ("0.99", lag.p99_ms)):
            lags.add_metric([quantile], lag_ms / 1000)
        yield lags
