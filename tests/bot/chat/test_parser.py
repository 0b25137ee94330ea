from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.bot.chat.parser import Parser, Request
from eyeline.bot.chat.replies import MAX_REPLY_CHARS, help_for, reply_text
from eyeline.bot.chat.words import SPELLINGS, WORDS
from eyeline.bot.control.commands import (
    COMMANDS,
    Allow,
    Camera,
    Claim,
    Command,
    Deny,
    Framing,
    Gaze,
    Help,
    Leave,
    ListBackgrounds,
    Microphone,
    Mirror,
    Panic,
    PickBackground,
    Say,
    SetBackground,
    SetBlur,
    SetColor,
    ShowRoom,
    Status,
    StepBackground,
    Undo,
    Video,
)
from eyeline.bot.control.outcome import Outcome, OutcomeStatus

PARSER = Parser("!")


def wish(text: str) -> Command | Outcome:
    request = PARSER.parse(text)
    assert request is not None
    return request.wish


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("!bg beach", SetBackground(name="beach")),
        ("!BG Beach", SetBackground(name="Beach")),
        ("  !background forest haze ", SetBackground(name="forest-haze")),
        ('!bg "none"', SetBackground(name="none")),
        ("!bg “forest haze”", SetBackground(name="forest-haze")),
        ("!bg no", SetBackground(name="no")),
        ("!bg ../../etc/passwd", SetBackground(name="../../etc/passwd")),
        ("!bg /etc/passwd", SetBackground(name="/etc/passwd")),
        ("!bg none", ShowRoom()),
        ("!bg blur", SetBlur()),
        ("!bg blur 40", SetBlur(strength=40)),
        ("!bg blur:40", SetBlur(strength=40)),
        ("!bg blur 40%", SetBlur(strength=40)),
        ("!blur 7", SetBlur(strength=7)),
        ("!bg #3", PickBackground(number=3)),
        ("!bg 3", PickBackground(number=3)),
        ("!bg next", StepBackground(step=1)),
        ("!bg previous", StepBackground(step=-1)),
        ("!bg color #204060", SetColor(color="#204060")),
        ("!bg color:#204060", SetColor(color="#204060")),
        ("!bg #204060", SetColor(color="#204060")),
        ("!colour Navy", SetColor(color="#000080")),
        ("!bg color #fa0", SetColor(color="#ffaa00")),
        ("!bg", ListBackgrounds()),
        ("!bg list", ListBackgrounds()),
        ("!gaze 60", Gaze(strength=60)),
        ("!gaze off", Gaze(strength=0)),
        ("!gaze", Gaze()),
        ("!mirror", Mirror()),
        ("!mirror off", Mirror(on=False)),
        ("!frame on", Framing(on=True)),
        ("!cam 2", Camera(number=2)),
        ("!camera auto", Camera()),
        ("!video off", Video(on=False)),
        ("!video on", Video(on=True)),
        ("!mute", Microphone(on=False)),
        ("!mute off", Microphone(on=True)),
        ("!unmute", Microphone(on=True)),
        ("!mic on", Microphone(on=True)),
        ("!panic", Panic()),
        ("!panic!!!", Panic()),
        ("!PANIC now", Panic()),
        ("!pa", Panic()),
        ("!pnaic", Panic()),
        ("!panik", Panic()),
        ("/panic", Panic()),
        ("!undo", Undo()),
        ("!status", Status()),
        ("!stat", Status()),
        ('!say hello "you" there', Say(text='hello "you" there')),
        ("!leave", Leave()),
        ("!help", Help()),
        ("!help bg", Help(topic="bg")),
        ("!claim 482913", Claim(code="482913")),
        ("!claim 482 913", Claim(code="482913")),
        ("!allow @Bob", Allow(who="Bob")),
        ('!allow @"Bob B."', Allow(who="Bob B.")),
        ("!deny Bob B.", Deny(who="Bob B.")),
        ("/bg beach", SetBackground(name="beach")),
    ],
)
def test_reads_commands(text: str, command: Command) -> None:
    assert wish(text) == command


@pytest.mark.parametrize("text", ["!bg@ada beach", "!bg@Ada beach", '!bg@"ada" beach', "/bg@ada beach"])
def test_reads_whom_a_line_addresses(text: str) -> None:
    request = PARSER.parse(text)
    assert request is not None
    assert (request.wish, (request.to or "").casefold()) == (SetBackground(name="beach"), "ada")


def test_an_address_may_be_quoted() -> None:
    assert PARSER.parse('!bg@"Ada L." next') == Request(StepBackground(step=1), "Ada L.")


@pytest.mark.parametrize(
    "text",
    ["", " ", "hello", "hi !bg beach", "!", "!!!", "! bg beach", "!?", "!3", "/", "/me waves", "/shrug", "#bg x"],
)
def test_talk_is_no_command(text: str) -> None:
    assert PARSER.parse(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("!colr #fff", "color"),
        ("!stauts", "status"),
        ("!bakground x", "bg"),
        ("!m", "mirror"),
        ("!leav", "leave"),
        ("!l", "leave"),
        ("!wow", "help"),
        ("!bg off", "bg none"),
        ("!bg blur 0", "bg none"),
    ],
)
def test_suggests_what_may_have_been_meant(text: str, meant: str) -> None:
    outcome = wish(text)
    assert isinstance(outcome, Outcome)
    assert outcome.status is OutcomeStatus.SUGGESTION
    assert meant in outcome.suggestions
    assert f"!{meant}" in reply_text(outcome, "!")


@pytest.mark.parametrize(
    "text",
    [
        "!bg blur 101",
        "!bg blur forty",
        "!bg blur \uff14\uff10",
        "!bg color teal-ish",
        "!bg color",
        "!bg https://example.org/x.png",
        "!bg screen",
        f"!bg {'x' * 65}",
        '!bg ""',
        "!gaze 101",
        "!video",
        "!video maybe",
        "!claim",
        "!claim 12345",
        "!claim 1234567",
        "!claim \uff14\uff18\uff12\uff19\uff11\uff13",
        "!say",
        "!allow",
        "!deny @",
    ],
)
def test_says_how_it_is_written(text: str) -> None:
    outcome = wish(text)
    assert isinstance(outcome, Outcome)
    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.message


@given(st.text(max_size=40), st.sampled_from(["", "!", "/", *(f"!{word} " for word in SPELLINGS)]))
def test_any_text_is_talk_a_command_or_an_outcome(text: str, start: str) -> None:
    request = PARSER.parse(start + text)
    if request is None:
        return
    if isinstance(request.wish, Outcome):
        reply = reply_text(request.wish, "!")
        assert 0 < len(reply) <= MAX_REPLY_CHARS
        assert PARSER.parse(reply) is None
    else:
        assert COMMANDS.validate_python(request.wish.model_dump()) == request.wish


@given(st.text(max_size=100))
def test_only_the_whole_word_shows_the_room(text: str) -> None:
    request = PARSER.parse(f"!bg {text}")
    if request is not None and isinstance(request.wish, ShowRoom):
        assert text.strip().casefold() == "none"


def test_another_prefix() -> None:
    parser = Parser("%%")
    assert parser.parse("%%bg next") == Request(StepBackground(step=1))
    assert parser.parse("/bg next") == Request(StepBackground(step=1))
    assert parser.parse("!bg next") is None


@pytest.mark.parametrize("text", ["!claim 482913", "/claim 482913", "!clam 482913", "!claim@ada 482 913", "!c 482913"])
def test_a_code_is_masked(text: str) -> None:
    masked = PARSER.masked(text)
    assert not any(character.isdigit() for character in masked)
    assert len(masked) == len(text)


@pytest.mark.parametrize("text", ["!bg #3", "call me on 482913", "!blur 40"])
def test_nothing_else_is_masked(text: str) -> None:
    assert PARSER.masked(text) == text


@pytest.mark.parametrize("topic", ["", *WORDS])
def test_help_fits_in_one_message_and_is_no_command(topic: str) -> None:
    text = reply_text(help_for(topic, "!"), "!")
    assert len(text) < 500
    assert not text.endswith("…")
    assert PARSER.parse(text) is None


def test_the_overview_names_what_can_be_done() -> None:
    text = help_for("", "!").message
    for word in ("bg", "blur", "color", "video", "mute", "panic", "undo", "status", "claim", "allow", "deny", "leave"):
        assert word in text
    assert help_for("nonsense", "!").status is OutcomeStatus.SUGGESTION
