"""The one place where a command is checked, done and answered, whoever made it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from eyeline.bot.control.audit import AuditLog
from eyeline.bot.control.audit_file import AuditFile
from eyeline.bot.control.caller import Caller, Role, may
from eyeline.bot.control.commands import (
    Allow,
    Camera,
    Claim,
    Command,
    Deny,
    FetchBackground,
    Help,
    Leave,
    ListBackgrounds,
    Microphone,
    MissingStage,
    Panic,
    PickBackground,
    Say,
    SetBackground,
    SetEffects,
    Status,
    StepBackground,
    Undo,
    Video,
)
from eyeline.bot.control.effects import (
    EffectCommand,
    answer_words,
    background_words,
    effect_sentence,
    effect_words,
    reveals,
    wanted_effects,
)
from eyeline.bot.control.history import EffectHistory
from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.control.on_air import OnAir
from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.control.people import People
from eyeline.bot.control.stage import Stage
from eyeline.bot.control.status import StatusReport
from eyeline.bot.control.web_background import Tell, WebBackgrounds
from eyeline.bot.events import CommandAnswered, Emit
from eyeline.config.errors import EyelineError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.meeting import Meeting
from eyeline.processing.effects import EffectState, FileBackground
from eyeline.processing.picture import shows_room

log = logging.getLogger(__name__)

LEAVE_AFTER_S = 0.5
MAX_LISTED = 40
_COMMAND_MARKS = ("!", "/", ".")
_NOT_BUILT: dict[type[MissingStage], str] = {
    Camera: "Eyeline cannot change the camera while it runs yet: start it with --source camera:N.",
}


@dataclass(frozen=True, slots=True)
class Remembering:
    """Where the picture is remembered, and as whose."""

    memory: EffectMemory
    person: str


class Control:
    """Steers one stage, in its event loop. Every command gets an `Outcome`; no command raises.

    Args:
        stage: Open.
        people: Who may steer.
        emit: Takes `CommandAnswered`.
        remembering: Where owners' choices of the picture are kept; `None` keeps none.
        describe: Answers `Help` for a topic; empty asks for an overview.
        web: Fetches backgrounds; without it there are none from the web.
        audit_file: Takes every command, too.
    """

    def __init__(
        self,
        stage: Stage,
        people: People,
        *,
        emit: Emit,
        remembering: Remembering | None = None,
        describe: Callable[[str], Outcome] | None = None,
        web: WebBackgrounds | None = None,
        audit_file: AuditFile | None = None,
    ) -> None:
        self._stage = stage
        self._people = people
        self._emit = emit
        self._remembering = remembering
        self._describe = describe or _no_help
        self._web = web or WebBackgrounds()
        self._on_air = OnAir(stage)
        self._history = EffectHistory()
        self._changing = asyncio.Lock()
        self._meeting: Meeting | None = None
        self._leave: Callable[[], None] | None = None
        self._audit_file = audit_file
        self.audit = AuditLog(audit_file.keep) if audit_file else AuditLog()

    async def close(self) -> None:
        """End what goes on; pictures from the web are deleted, the audit log is written to its end."""
        await self._web.close()
        if self._audit_file is not None:
            await asyncio.to_thread(self._audit_file.close)

    # Meetings come and go; what was asked for stays.

    def can_leave(self, leave: Callable[[], None] | None) -> None:
        """There is a stay in a meeting that `leave` ends, or none any more."""
        self._leave = leave

    def meet(self, people: People) -> None:
        """Others may steer from now on: those of another meeting."""
        self._people = people

    async def settle_in(self, meeting: Meeting) -> None:
        """Steer this meeting from now on, and do in it what was asked for before.

        Raises:
            EyelineError: The meeting refuses or is over.
        """
        self._meeting = meeting
        await self._on_air.settle_in(meeting)

    def lose_meeting(self) -> None:
        """It is over, or its connection is lost."""
        self._meeting = None
        self._on_air.leave()

    def notice_muted(self, kind: MediaKind, muted: bool) -> None:
        """The meeting says that we are muted, or not."""
        self._on_air.notice(kind, muted)

    @property
    def report(self) -> StatusReport:
        """How things stand."""
        effects, video = self._stage.effects, self._stage.video
        return StatusReport(
            background=background_words(effects.background),
            gaze=str(effects.gaze),
            room_shown=shows_room(effects),
            mirror=effects.mirror,
            framing=str(effects.framing),
            exposure=effects.exposure,
            people=effects.people,
            light_wrap=effects.light_wrap,
            effects=effect_words(effects),
            showing=video.state,
            panic=self._on_air.panic,
            video=self._on_air.video,
            microphone=self._on_air.microphone,
            size_px=video.size_px,
            in_meeting=self._meeting is not None,
            trouble=self._stage.trouble,
        )

    def role(self, caller: Caller) -> Role:
        """What a caller is to us."""
        return self._people.role(caller)

    async def apply(self, command: Command, caller: Caller, tell: Tell | None = None) -> Outcome:
        """Do it, or say why not. Panic hides before anything is waited for.

        Args:
            command: What is asked for.
            caller: Who asks.
            tell: Takes the end of what has only been `STARTED`.
        """
        role = self._people.role(caller)
        try:
            allowed = may(role, command, caller.origin)
            outcome = await self._do(command, caller, role, tell) if allowed else _not_allowed(role)
        except EyelineError as error:
            outcome = Outcome.failed(error)
        except Exception:
            log.exception("a command failed")
            outcome = Outcome.refused(Reason.FAILED, "That failed for a reason of our own.")
        self._answered(command, caller, outcome)
        return outcome

    def _answered(self, command: Command, caller: Caller, outcome: Outcome) -> None:
        self.audit.note(caller, command, outcome)
        status, message = outcome.status.value, outcome.message
        self._emit(CommandAnswered(caller.origin.value, caller.name, command.kind, status, message))

    async def _do(self, command: Command, caller: Caller, role: Role, tell: Tell | None) -> Outcome:
        match command:
            case Panic():
                return self._on_air.panic_now()
            case Video(on=on):
                return await self._on_air.set_video(on)
            case Microphone(on=on):
                return await self._on_air.set_microphone(on)
            case Claim() | Allow() | Deny():
                return await self._appoint(command, caller)
            case Say() | Leave():
                return await self._in_meeting(command)
            case Undo():
                return await self._undo(role)
            case Camera():
                return Outcome.refused(Reason.NOT_BUILT, _NOT_BUILT[type(command)])
            case Status() | Help() | ListBackgrounds():
                return await self._tell(command)
            case FetchBackground():
                return self._fetch(command, caller, tell)
            case _:
                return await self._change_effects(command, role)

    async def _tell(self, command: Status | Help | ListBackgrounds) -> Outcome:
        match command:
            case Status():
                return Outcome.done(self.report.words())
            case Help(topic=topic):
                return self._describe(topic)
            case ListBackgrounds():
                names = await self._names()
                listed = ", ".join(f"#{number} {name}" for number, name in enumerate(names[:MAX_LISTED], 1))
                more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
                return Outcome.done(f"Backgrounds: {listed or 'none yet'}{more}.")

    async def _appoint(self, command: Claim | Allow | Deny, caller: Caller) -> Outcome:
        participants = self._meeting.participants if self._meeting else {}
        match command:
            case Claim(code=code):
                return await self._people.claim(caller, code)
            case Allow(who=who):
                return self._people.allow(who, participants)
            case Deny(who=who):
                return await self._people.deny(who, participants, caller)

    async def _in_meeting(self, command: Say | Leave) -> Outcome:
        match command:
            case Say(text=text):
                return await self._say(text)
            case Leave() if self._leave is not None:
                asyncio.get_running_loop().call_later(LEAVE_AFTER_S, self._end_stay)
                return Outcome.done("Good-bye.")
            case _:
                return _no_meeting()

    def _end_stay(self) -> None:
        if self._leave is not None:
            self._leave()

    async def _say(self, text: str) -> Outcome:
        if self._meeting is None:
            return _no_meeting()
        if text.lstrip().startswith(_COMMAND_MARKS):
            return Outcome.refused(Reason.NOT_ALLOWED, "What is said must not look like a command to another bot.")
        await self._meeting.send_chat(text)
        return Outcome.done("Said.")

    async def _names(self) -> tuple[str, ...]:
        return await asyncio.to_thread(self._stage.gallery.names)

    async def _change_effects(self, command: EffectCommand, role: Role) -> Outcome:
        by_name = isinstance(command, SetBackground | PickBackground | StepBackground | SetEffects)
        async with self._changing:
            names = await self._names() if by_name else ()
            before = self._stage.effects
            wanted = wanted_effects(command, before, names)
            if isinstance(wanted, Outcome):
                return wanted
            if role is not Role.OWNER and reveals(before, wanted):
                return _not_allowed(role)
            await self._change(wanted, role)
        return Outcome.done(f"{answer_words(command, wanted)}{self._but_hidden()}")

    def _fetch(self, command: FetchBackground, caller: Caller, tell: Tell | None) -> Outcome:
        before = self._stage.effects.background

        async def show(background: FileBackground) -> Outcome:
            async with self._changing:
                if self._stage.effects.background != before:
                    return Outcome.refused(Reason.NOT_NOW, "Another background was chosen meanwhile, so it stays.")
                await self._change(replace(self._stage.effects, background=background), Role.OWNER)
            return Outcome.done(f"Background: {background_words(background)}.{self._but_hidden()}")

        def ended(outcome: Outcome) -> None:
            self._answered(command, caller, outcome)
            if tell is not None:
                tell(outcome)

        return self._web.begin(command.url, show, ended)

    async def _undo(self, role: Role) -> Outcome:
        async with self._changing:
            before = self._history.before(self._stage.effects)
            if before is None:
                return Outcome.refused(Reason.NOT_NOW, "There is nothing to take back.")
            if role is not Role.OWNER and reveals(self._stage.effects, before):
                return _not_allowed(role)
            await self._stage.set_effects(before)
            self._history.went_back(before)
            await self._keep(before, role)
        return Outcome.done(f"Taken back. {effect_sentence(before)}{self._but_hidden()}")

    async def _change(self, effects: EffectState, role: Role) -> None:
        before = self._stage.effects
        await self._stage.set_effects(effects)
        if effects != before:
            self._history.left(before)
            await self._keep(effects, role)

    async def _keep(self, effects: EffectState, role: Role) -> None:
        if self._remembering is not None and role is Role.OWNER and not shows_room(effects):
            await asyncio.to_thread(self._remembering.memory.keep, self._remembering.person, effects)

    def _but_hidden(self) -> str:
        return " The card stays until you switch the video on." if self._stage.video.hidden else ""


def _no_meeting() -> Outcome:
    return Outcome.refused(Reason.NOT_NOW, "We are in no meeting.")


def _no_help(_: str) -> Outcome:
    return Outcome.refused(Reason.NOT_NOW, "There is no help here.")


def _not_allowed(role: Role) -> Outcome:
    if role is Role.ALLOWED:
        return Outcome.refused(Reason.NOT_ALLOWED, "Only the person behind this camera may do that.")
    return Outcome.refused(
        Reason.NOT_ALLOWED, "Only the person behind this camera may do that. If that is you: claim it with your code."
    )
