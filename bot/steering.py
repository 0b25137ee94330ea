"""Puts together what steers one studio: the control, who may use it, and the chat that reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from eyeline.bot.chat.desk import ChatDesk
from eyeline.bot.claim import ClaimCode
from eyeline.bot.control.audit_file import AuditFile
from eyeline.bot.control.control import Control, Remembering
from eyeline.bot.control.memory import REMEMBERED, EffectMemory
from eyeline.bot.control.people import People
from eyeline.bot.control.stage import Stage
from eyeline.bot.control.web_background import WebBackgrounds
from eyeline.bot.events import Emit
from eyeline.bot.owner import OwnerFile, Owners
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.web_picture.fetch import PictureFetcher
from eyeline.config.schema import Settings
from eyeline.config.settings import LoadedSettings, OriginKind
from eyeline.processing.gallery import Gallery


@dataclass(frozen=True, slots=True)
class Steering:
    """What steers, and what hears the chat, where commands by chat are on."""

    control: Control
    chat: ChatDesk | None


async def steering(
    studio: Studio, settings: Settings, *, server: str, emit: Emit, announce: Callable[[str], None]
) -> Steering:
    """Make the control of a studio.

    Args:
        studio: Open.
        settings: Name, chat, what is remembered.
        server: Of the meeting.
        emit: Takes events.
        announce: Shows a code to whoever sits at the terminal, and to nobody else; the first one at once.
    """
    people, code = await meeting_people(server, announce)
    control = made_control(studio, people, settings, emit=emit)
    return Steering(control, chat_desk(control, settings, code))


def made_control(stage: Stage, people: People, settings: Settings, *, emit: Emit) -> Control:
    """What steers a stage as the settings say; to be closed by whoever has it.

    Raises:
        AuditFileError: The audit log cannot be written.
    """
    audit_file = settings.control.audit_file
    return Control(
        stage,
        people,
        emit=emit,
        remembering=Remembering(EffectMemory(), settings.meeting.name) if settings.effects.remember else None,
        web=WebBackgrounds(PictureFetcher() if settings.effects.url_backgrounds else None),
        audit_file=AuditFile(audit_file) if audit_file else None,
    )


async def meeting_people(server: str, announce: Callable[[str], None]) -> tuple[People, ClaimCode]:
    """Who may steer in a meeting of a server, and the code to claim with, which nobody has been shown yet."""
    code, file = ClaimCode(announce), OwnerFile()
    known = await asyncio.to_thread(file.accounts, server)
    return People(Owners(code, known), server, file), code


def chat_desk(control: Control, settings: Settings, code: ClaimCode) -> ChatDesk | None:
    """What hears the chat, where commands by chat are on; the code is shown then."""
    if not settings.chat.enabled:
        return None
    code.renew()
    chat = settings.chat
    return ChatDesk(control, name=settings.meeting.name, prefix=chat.prefix, cooldown_s=chat.cooldown_s)


def with_memory(plan: StudioPlan, loaded: LoadedSettings) -> StudioPlan:
    """The plan with the picture that this person had last, but for what was asked for otherwise. Reads files."""
    settings = loaded.settings
    free = [name for name in REMEMBERED if loaded.origins[f"effects.{name}"].kind is OriginKind.DEFAULT]
    if not free or not settings.effects.remember:
        return plan
    recalled = EffectMemory().recall(settings.meeting.name, Gallery(settings.backgrounds.directory))
    if recalled is None:
        return plan
    return replace(plan, effects=replace(plan.effects, **{name: getattr(recalled, name) for name in free}))
