"""From a wish for the picture to the effects that it takes, and what they are in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eyeline.bot.control.backgrounds import as_command, wanted_background
from eyeline.bot.control.commands import (
    BackgroundCommand,
    Company,
    Follow,
    Framing,
    Gaze,
    Lighting,
    Mirror,
    PictureCommand,
    SetEffects,
    WriteBackground,
)
from eyeline.bot.control.gaze import gaze_words, wanted_gaze
from eyeline.bot.control.outcome import Outcome
from eyeline.processing import framing_spec
from eyeline.processing.effects import (
    DEFAULT_BLUR_STRENGTH,
    BackgroundSpec,
    BlurBackground,
    EffectState,
    Exposure,
    FileBackground,
    GalleryBackground,
    GradientBackground,
    NoBackground,
    People,
    ScreenBackground,
    StreamBackground,
    parse_background,
)
from eyeline.processing.framing_spec import Crop, parse_framing
from eyeline.processing.gaze_spec import parse_gaze
from eyeline.processing.picture import shows_room

EffectCommand = BackgroundCommand | PictureCommand | WriteBackground


def wanted_effects(command: EffectCommand, current: EffectState, names: Sequence[str]) -> EffectState | Outcome:
    """What is to be done to the picture, or why it cannot be told.

    Args:
        command: The wish.
        current: What is done now.
        names: Of the gallery, in the order in which they are numbered.

    Raises:
        UsageError: A part of it is not written as it must be.
    """
    match command:
        case Gaze():
            return replace(current, gaze=wanted_gaze(command, current.gaze))
        case Mirror(on=on):
            return replace(current, mirror=not current.mirror if on is None else on)
        case Follow(on=on):
            framing = current.framing
            return replace(current, framing=replace(framing, follow=not framing.follow if on is None else on))
        case Framing(framing=text):
            return replace(current, framing=parse_framing(text))
        case Lighting(exposure=exposure):
            other = Exposure.OFF if current.exposure is Exposure.LIFT else Exposure.LIFT
            return replace(current, exposure=exposure or other)
        case Company(people=people):
            other_people = People.EVERYONE if current.people is People.NEAREST else People.NEAREST
            return replace(current, people=people or other_people)
        case SetEffects():
            return _several(command, current, names)
        case WriteBackground(text=text):
            return replace(current, background=parse_background(text))
        case _:
            wanted = wanted_background(command, current.background, names)
            return wanted if isinstance(wanted, Outcome) else replace(current, background=wanted)


def _several(command: SetEffects, current: EffectState, names: Sequence[str]) -> EffectState | Outcome:
    wanted = current if command.light_wrap is None else replace(current, light_wrap=command.light_wrap)
    if command.gaze is not None:
        gaze = parse_gaze(command.gaze)
        wanted = replace(wanted, gaze=replace(gaze, calibration=current.gaze.calibration))
    parts: list[EffectCommand] = []
    if command.background is not None:
        parts.append(as_command(command.background))
    if command.mirror is not None:
        parts.append(Mirror(on=command.mirror))
    if command.framing is not None:
        parts.append(Framing(framing=command.framing))
    if command.exposure is not None:
        parts.append(Lighting(exposure=command.exposure))
    if command.people is not None:
        parts.append(Company(people=command.people))
    for part in parts:
        changed = wanted_effects(part, wanted, names)
        if isinstance(changed, Outcome):
            return changed
        wanted = changed
    return wanted


def reveals(before: EffectState, after: EffectState) -> bool:
    """Whether others would see something of the room or of other people that was kept from them."""
    return (
        (shows_room(after) and not shows_room(before))
        or _blur_strength(after) < min(_blur_strength(before), DEFAULT_BLUR_STRENGTH)
        or (before.people is People.NEAREST and after.people is People.EVERYONE)
        or (before.framing.crop is not None and not _is_within(after.framing.crop, before.framing.crop))
    )


def _blur_strength(effects: EffectState) -> int:
    background = effects.background
    return background.strength if isinstance(background, BlurBackground) else 100


def _is_within(inner: Crop | None, outer: Crop) -> bool:
    return (
        inner is not None
        and inner.left >= outer.left
        and inner.top >= outer.top
        and inner.left + inner.width <= outer.left + outer.width
        and inner.top + inner.height <= outer.top + outer.height
    )


def answer_words(command: EffectCommand, effects: EffectState) -> str:
    """What a command has brought about."""
    match command:
        case Gaze():
            return f"Gaze: {gaze_words(effects.gaze)}."
        case Mirror():
            return "The picture is mirrored." if effects.mirror else "The picture is not mirrored."
        case Follow() | Framing():
            return f"Framing: {framing_words(effects.framing)}."
        case Lighting():
            lifted = effects.exposure is Exposure.LIFT
            return "A dark picture is made brighter." if lifted else "The light is left as it is."
        case Company():
            return "Only the nearest person stays." if effects.people is People.NEAREST else "Everyone stays."
        case SetEffects():
            return f"{effect_sentence(effects)}"
        case _:
            return f"Background: {background_words(effects.background)}."


def effect_words(effects: EffectState) -> str:
    """All that is done to the picture, for people."""
    words = [f"background: {background_words(effects.background)}"]
    if effects.framing != framing_spec.WHOLE_PICTURE:
        words.append(framing_words(effects.framing))
    if effects.mirror:
        words.append("mirrored")
    if effects.exposure is Exposure.LIFT:
        words.append("brightened where it is dark")
    if effects.people is People.NEAREST:
        words.append("the nearest person only")
    if effects.gaze.works:
        words.append(f"gaze: {gaze_words(effects.gaze)}")
    if effects.light_wrap:
        words.append(f"the background's light at the edge ({effects.light_wrap} of 100)")
    return "; ".join(words)


def effect_sentence(effects: EffectState) -> str:
    """The same as a sentence."""
    words = effect_words(effects)
    return f"{words[0].upper()}{words[1:]}."


def framing_words(framing: framing_spec.Framing) -> str:
    """Framing for people."""
    if framing.crop is None:
        return "follows you" if framing.follow else "the whole picture"
    return "follows you in a part of the picture" if framing.follow else "a part of the picture"


def background_words(background: BackgroundSpec) -> str:
    """A background for people; never a path of this machine."""
    match background:
        case NoBackground():
            return "none, the room is shown"
        case BlurBackground(strength):
            return f"the room, blurred ({strength} of 100)"
        case GalleryBackground(name):
            return name
        case GradientBackground(colors):
            return f"a gradient of {len(colors)} colours"
        case FileBackground(title=title):
            return title or "a file"
        case StreamBackground():
            return "a live stream"
        case ScreenBackground():
            return "a screen"
        case _:
            return f"colour {str(background).removeprefix('color:')}"
