from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.bot.chat.parser import Parser, Request
from eyeline.bot.chat.replies import MAX_REPLY_CHARS, help_for, reply_text
from eyeline.bot.chat.words import SPELLINGS, WORDS
from eyeline.bot.control import commands as say
from eyeline.bot.control.outcome import Outcome, OutcomeStatus
from eyeline.processing.effects import Exposure, People

PARSER = Parser("!")


def wish(text: str) -> say.Command | Outcome:
    request = PARSER.parse(text)
    assert request is not None
    return request.wish


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("!bg beach", say.SetBackground(name="beach")),
        ("!BG Beach", say.SetBackground(name="Beach")),
        ("  !background forest haze ", say.SetBackground(name="forest-haze")),
        ('!bg "none"', say.SetBackground(name="none")),
        ("!bg “forest haze”", say.SetBackground(name="forest-haze")),
        ("!bg no", say.SetBackground(name="no")),
        ("!bg ../../etc/passwd", say.SetBackground(name="../../etc/passwd")),
        ("!bg /etc/passwd", say.SetBackground(name="/etc/passwd")),
        ("!bg none", say.ShowRoom()),
        ("!bg blur", say.SetBlur()),
        ("!bg blur 40", say.SetBlur(strength=40)),
        ("!bg blur:40", say.SetBlur(strength=40)),
        ("!bg blur 40%", say.SetBlur(strength=40)),
        ("!blur 7", say.SetBlur(strength=7)),
        ("!bg #3", say.PickBackground(number=3)),
        ("!bg 3", say.PickBackground(number=3)),
        ("!bg next", say.StepBackground(step=1)),
        ("!bg previous", say.StepBackground(step=-1)),
        ("!bg color #204060", say.SetColor(color="#204060")),
        ("!bg color:#204060", say.SetColor(color="#204060")),
        ("!bg #204060", say.SetColor(color="#204060")),
        ("!colour Navy", say.SetColor(color="#000080")),
        ("!bg color #fa0", say.SetColor(color="#ffaa00")),
        ("!bg", say.ListBackgrounds()),
        ("!bg list", say.ListBackgrounds()),
        ("!gaze 60", say.Gaze(strength=60)),
        ("!gaze off", say.Gaze(strength=0)),
        ("!gaze natural", say.Gaze(mode="natural")),
        ("!gaze Teleprompter", say.Gaze(mode="teleprompter")),
        ("!gaze", say.Gaze()),
        ("!mirror", say.Mirror()),
        ("!mirror off", say.Mirror(on=False)),
        ("!frame", say.Follow()),
        ("!frame on", say.Follow(on=True)),
        ("!frame auto", say.Follow(on=True)),
        ("!frame off", say.Follow(on=False)),
        ("!frame whole", say.Framing(framing="off")),
        ("!frame crop 25,0,50,100", say.Framing(framing="crop:25,0,50,100")),
        ("!frame crop:25 0 50 100", say.Framing(framing="crop:25,0,50,100")),
        ("!framing auto 25,0,50,100", say.Framing(framing="auto:25,0,50,100")),
        ("!exposure", say.Lighting()),
        ("!exposure lift", say.Lighting(exposure=Exposure.LIFT)),
        ("!light off", say.Lighting(exposure=Exposure.OFF)),
        ("!people", say.Company()),
        ("!people Nearest", say.Company(people=People.NEAREST)),
        ("!people everyone", say.Company(people=People.EVERYONE)),
        ("!bg https://example.org/X.png?y=1", say.FetchBackground(url="https://example.org/X.png?y=1")),
        ("!bg http://example.org/x.png", say.FetchBackground(url="http://example.org/x.png")),
        ("!cam 2", say.Camera(number=2)),
        ("!camera auto", say.Camera()),
        ("!video off", say.Video(on=False)),
        ("!video on", say.Video(on=True)),
        ("!mute", say.Microphone(on=False)),
        ("!mute off", say.Microphone(on=True)),
        ("!unmute", say.Microphone(on=True)),
        ("!mic on", say.Microphone(on=True)),
        ("!panic", say.Panic()),
        ("!panic!!!", say.Panic()),
        ("!PANIC now", say.Panic()),
        ("!pa", say.Panic()),
        ("!p", say.Panic()),
        ("!pnaic", say.Panic()),
        ("!panik", say.Panic()),
        ("/panic", say.Panic()),
        ("!undo", say.Undo()),
        ("!status", say.Status()),
        ("!stat", say.Status()),
        ('!say hello "you" there', say.Say(text='hello "you" there')),
        ("!leave", say.Leave()),
        ("!help", say.Help()),
        ("!help bg", say.Help(topic="bg")),
        ("!claim 482913", say.Claim(code="482913")),
        ("!claim 482 913", say.Claim(code="482913")),
        ("!claim 4829 1300 0017", say.Claim(code="482913000017")),
        ("!allow @Bob", say.Allow(who="Bob")),
        ('!allow @"Bob B."', say.Allow(who="Bob B.")),
        ("!deny Bob B.", say.Deny(who="Bob B.")),
        ("/bg beach", say.SetBackground(name="beach")),
    ],
)
def test_reads_commands(text: str, command: say.Command) -> None:
    assert wish(text) == command


@pytest.mark.parametrize("text", ["!bg@ada beach", "!bg@Ada beach", '!bg@"ada" beach', "/bg@ada beach"])
def test_reads_whom_a_line_addresses(text: str) -> None:
    request = PARSER.parse(text)
    assert request is not None
    assert (request.wish, (request.to or "").casefold()) == (say.SetBackground(name="beach"), "ada")


def test_an_address_may_be_quoted() -> None:
    assert PARSER.parse('!bg@"Ada L." next') == Request(say.StepBackground(step=1), "Ada L.")


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
        "!bg https://example.org/x.png and more",
        "!frame sideways",
        "!frame crop 1,2,3",
        "!exposure bright",
        "!people all",
        "!claim 12345678901",
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
        assert say.COMMANDS.validate_python(request.wish.model_dump()) == request.wish


@given(st.text(max_size=100))
def test_only_the_whole_word_shows_the_room(text: str) -> None:
    request = PARSER.parse(f"!bg {text}")
    if request is not None and isinstance(request.wish, say.ShowRoom):
        assert text.strip().casefold() == "none"


def test_another_prefix() -> None:
    parser = Parser("%%")
    assert parser.parse("%%bg next") == Request(say.StepBackground(step=1))
    assert parser.parse("/bg next") == Request(say.StepBackground(step=1))
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
    for word in (
        "bg",
        "blur",
        "color",
        "video",
        "mute",
        "panic",
        "mirror",
        "frame",
        "exposure",
        "people",
        "undo",
        "status",
        "claim",
        "allow",
        "deny",
        "leave",
    ):
        assert word in text
    assert help_for("nonsense", "!").status is OutcomeStatus.SUGGESTION
