"""`eyeline bench`: what Eyeline costs on this machine, and how late it is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.console import Console

from eyeline.bot.bench.cases import Case
from eyeline.bot.bench.chain import chain_effects
from eyeline.bot.bench.report import tables
from eyeline.bot.bench.returning import ReturnPlan
from eyeline.bot.bench.session import (
    Subject,
    run_chain,
    run_proxy,
    run_publish,
    run_return,
    run_simulcast,
    run_steering,
    run_zoom,
)
from eyeline.bot.bench.steering import SteeringPlan
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_json
from eyeline.bot.weights import fetch_face_weights, fetch_weights
from eyeline.config.errors import UsageError
from eyeline.config.logs import configure_logging
from eyeline.config.settings import load_settings

app = App(name="bench", help="Measure what Eyeline costs on this machine, and how late it is.")
app.command("eyeline.bot.cli.bench_picture:picture")
app.command("eyeline.bot.cli.bench_picture:matte")
app.command("eyeline.bot.cli.bench_picture:device")
app.command("eyeline.bot.cli.bench_gaze:gaze")

Codec = Annotated[Literal["vp8", "h264"], Parameter(help="What is sent to the viewer.")]
ClipFile = Annotated[Path | None, Parameter(help="A video file to measure with, instead of a clip made by code.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")]
Measure = Callable[[Callable[[str], None]], Coroutine[Any, Any, dict[str, Any]]]


@app.command
def publish(
    *,
    codec: Codec = "vp8",
    seconds: Annotated[float, Parameter(help="How long to send, in all rounds together.")] = 24.0,
    simulcast: Annotated[
        bool, Parameter(negative="", help="Compare three sizes of VP8 side by side with one, instead.")
    ] = False,
    clip: ClipFile = None,
    behind: Annotated[
        Literal["picture", "room"],
        Parameter(help="What is behind the head of the clip made by code: a picture put there, or a camera's room."),
    ] = "picture",
    as_json: AsJson = False,
) -> None:
    """Compare the cost of sending with that of the codec alone, and with GStreamer where it is installed.

    They take turns, so that what else this machine does falls on all of them. With --simulcast, three sizes take turns
    with the largest alone; besides, it is measured how soon a receiver has another size, and how it fares when the
    bandwidth drops. That takes some three times --seconds and a minute.
    """
    subject = Subject(clip, replaced=behind == "picture")
    if simulcast:
        if codec != "vp8":
            raise UsageError("Only VP8 is sent in several sizes.", hint="Leave --codec out.")
        _run("eyeline bench publish", lambda tell: run_simulcast(seconds, subject, tell), as_json=as_json)
        return
    _run("eyeline bench publish", lambda tell: run_publish(codec, seconds, subject, tell), as_json=as_json)


@app.command
def proxy(
    *,
    case: Annotated[
        Literal["quiet", "overload", "half-cpu", "loss-2", "loss-5", "bandwidth-step", "all"],
        Parameter(help="What disturbs the bot: nothing, or one thing, or everything in turn."),
    ] = "quiet",
    codec: Codec = "vp8",
    seconds: Annotated[float, Parameter(help="How long the bot works, in all rounds together.")] = 30.0,
    work_ms: Annotated[float, Parameter(help="CPU time that is used for each picture.")] = 12.0,
    worker: Annotated[
        Literal["process", "thread"], Parameter(help="Where pictures are made, as the setting video.worker has it.")
    ] = "process",
    clip: ClipFile = None,
    gaze: Annotated[
        str | None, Parameter(help="Make real pictures instead, with this gaze (off, natural, ...); needs --clip.")
    ] = None,
    background: Annotated[str, Parameter(help="Of real pictures.")] = "blur",
    as_json: AsJson = False,
) -> None:
    """Send a picture through the bot to a viewer, and compare with the direct way, a naive proxy and the bare parts.

    With --gaze, the bot makes real pictures of a clip, matte and gaze and all, and is compared with the direct way.
    All of it stays on this machine.
    """
    if gaze is not None:
        _chain(codec, seconds, Subject(clip), {"background": background, "gaze": gaze}, worker, as_json=as_json)
        return
    cases = list(Case) if case == "all" else [Case(case)]
    subject = Subject(clip)

    def measure(tell: Callable[[str], None]) -> Coroutine[Any, Any, dict[str, Any]]:
        return run_proxy(codec, seconds, subject, tell, cases=cases, work_ms=work_ms, worker=worker)

    _run("eyeline bench proxy", measure, as_json=as_json)


def _chain(
    codec: Codec, seconds: float, subject: Subject, effects: dict[str, str], worker: str, *, as_json: bool
) -> None:
    if subject.clip is None:
        raise UsageError("There is nobody in the clip made by code.", hint="Give --clip FILE with a face in it.")
    chain_effects(**effects)
    models = load_settings({}).settings.models
    fetch_weights(models)
    fetch_face_weights(models)

    def measure(tell: Callable[[str], None]) -> Coroutine[Any, Any, dict[str, Any]]:
        return run_chain(codec, seconds, subject, tell, effects=effects, worker=worker)

    _run("eyeline bench proxy", measure, as_json=as_json)


@app.command
def steering(
    *,
    codec: Codec = "vp8",
    seconds: Annotated[float, Parameter(help="How long a quiet room is measured, and how long a flooded one.")] = 30.0,
    width: Annotated[int, Parameter(help="Of the picture, even.")] = 1280,
    height: Annotated[int, Parameter(help="Of the picture, even.")] = 720,
    lines: Annotated[int, Parameter(help="Of chat a second, in the flooded room.")] = 1000,
    streams: Annotated[int, Parameter(help="Of events, open beside it.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Measure how soon commands by chat and by REST change what a viewer decodes, in a quiet room and in a flooded one.

    Needs Prosody, the XMPP server of Jitsi, for the room. All of it stays on this machine.
    """
    fetch_weights(load_settings({}).settings.models)
    plan = SteeringPlan(seconds, (width, height), lines_per_s=lines, streams=streams)
    _run("eyeline bench steering", lambda tell: run_steering(codec, seconds, plan, tell), as_json=as_json)


@app.command(name="return")
def come_back(
    *,
    codec: Codec = "vp8",
    returns: Annotated[int, Parameter(help="How often somebody looks again.")] = 10,
    away_s: Annotated[float, Parameter(help="How long nobody looks before that.")] = 3.0,
    width: Annotated[int, Parameter(help="Of the picture, even.")] = 1280,
    height: Annotated[int, Parameter(help="Of the picture, even.")] = 720,
    as_json: AsJson = False,
) -> None:
    """Measure how soon a picture is back that nobody looked at, and what it cost meanwhile.

    All of it stays on this machine.
    """
    if returns < 1 or away_s <= 0:
        raise UsageError("There is nothing to measure.", hint="Give at least one return, and a time before it.")
    fetch_weights(load_settings({}).settings.models)
    plan = ReturnPlan((width, height), codec, returns, away_s)
    _run("eyeline bench return", lambda tell: run_return(plan, tell), as_json=as_json)


@app.command
def zoom(
    *,
    seconds: Annotated[float, Parameter(help="How long pictures are handed over.")] = 16.0,
    width: Annotated[int, Parameter(help="Of the picture, even.")] = 1280,
    height: Annotated[int, Parameter(help="Of the picture, even.")] = 720,
    fps: Annotated[int, Parameter(help="Pictures a second.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Measure the hand-over of pictures to the process that holds Zoom's SDK, up to the call of its sender.

    The SDK is loaded and started beside it where it is installed, as in a meeting. Nothing is sent anywhere.
    """
    _run("eyeline bench zoom", lambda _tell: run_zoom(seconds, (width, height), fps), as_json=as_json)


def _run(title: str, measure: Measure, *, as_json: bool) -> None:
    """Measure, say meanwhile how far it is, and write the result."""
    configure_logging("warning")
    results: list[dict[str, Any]] = []
    console = Console(stderr=True)

    async def main() -> None:
        with console.status("starting") as status:

            def tell(line: str) -> None:
                if console.is_terminal:
                    status.update(line)
                else:
                    console.print(line, highlight=False)

            results.append(await measure(tell))

    run_until_interrupted(main())
    if not results:
        raise KeyboardInterrupt
    if as_json:
        write_json(results[0])
        return
    for table in tables(title, results[0]):
        Console().print(table)
