"""`eyeline join`: a processed camera in a meeting."""

from __future__ import annotations

import logging
from typing import Annotated

from cyclopts import Parameter

from eyeline.bot.cli.flags import StudioFlags
from eyeline.bot.cli.interrupt import run_until_interrupted
from eyeline.bot.cli.output import write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.bot.events import BotEvent, to_json
from eyeline.bot.meetings import meeting_opener
from eyeline.bot.narrator import narrate
from eyeline.bot.session import OpenMeeting, Session
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.weights import fetch_weights
from eyeline.config.schema import Settings

log = logging.getLogger(__name__)


def join(
    url: str,
    *,
    flags: StudioFlags | None = None,
    notice: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Join a meeting with a processed camera; Ctrl-C leaves.

    The room's password and a token are read from EYELINE_MEETING__PASSWORD, EYELINE_JITSI__TOKEN or the files that
    the settings name, never from a flag.

    Args:
        url: The room, for example https://meet.example.org/MyRoom.
        flags: What to show and how.
        notice: Said in the chat when joining, so that others know; "" says nothing.
        as_json: Write every event to standard output as a line of JSON.
    """
    settings = (flags or StudioFlags()).load(meeting__notice=notice).settings
    open_meeting, plan = meeting_opener(url, settings), StudioPlan.of(settings)
    with download_progress() as report:
        fetch_weights(settings.models, report)
    run_until_interrupted(_stay(open_meeting, plan, settings, as_json))


async def _stay(open_meeting: OpenMeeting, plan: StudioPlan, settings: Settings, as_json: bool) -> None:
    def emit(event: BotEvent) -> None:
        narrate(event)
        if as_json:
            write_line(to_json(event))

    async with Studio(plan, settings, emit=emit) as studio:
        if not studio.has_sound:
            log.info("no sound is sent (--audio microphone sends it)")
        await Session(open_meeting, studio, notice=settings.meeting.notice, emit=emit).run()
