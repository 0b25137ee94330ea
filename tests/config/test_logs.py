from __future__ import annotations

import io
import json
import logging
import re

import pytest
import structlog

from eyeline.config.logs import configure_logging


@pytest.fixture(autouse=True)
def restored():
    """Logging as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def out():
    return io.StringIO()


def test_a_line_has_time_level_and_message(out):
    configure_logging("info", stream=out)
    logging.getLogger("eyeline.x").info("Joined %s.", "room")
    assert re.fullmatch(r"\d\d:\d\d:\d\d info    Joined room\.\n", out.getvalue())


def test_context_of_the_task_is_on_every_line(out):
    configure_logging("info", stream=out)
    structlog.contextvars.bind_contextvars(meeting="standup")
    logging.getLogger("eyeline.x").warning("One.")
    structlog.get_logger("eyeline.y").warning("Two.", attempt=3)
    one, two = out.getvalue().splitlines()
    assert one.endswith("warning One. meeting=standup")
    assert "Two." in two
    assert "meeting=standup" in two
    assert "attempt=3" in two


def test_json_lines_are_one_object_each(out):
    configure_logging("info", json_lines=True, stream=out)
    logging.getLogger("eyeline.x").info("Grüße\n", extra={"peers": 2})
    (line,) = out.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"event": "Grüße\n", "level": "info", "logger": "eyeline.x", "peers": 2}


@pytest.mark.parametrize("json_lines", [False, True])
def test_secrets_are_nowhere(out, json_lines):
    configure_logging("debug", json_lines=json_lines, stream=out)
    log = logging.getLogger("eyeline.x")
    log.info("to https://ada:hunter2@h/r?jwt=%s", "hunter2")
    log.info("extra", extra={"token": "hunter2", "url": "wss://h/?pwd=hunter2"})
    structlog.get_logger().info("bound", password="hunter2", headers={"Authorization": "hunter2"})
    try:
        int("password=hunter2")
    except ValueError:
        log.exception("failed")
    assert "hunter2" not in out.getvalue()
    assert "invalid literal for int() with base 10: 'password=********" in out.getvalue()
    assert len(re.findall(r"\*{8}", out.getvalue())) == 8


def test_levels(out):
    configure_logging("warning", stream=out)
    logging.getLogger("eyeline.x").info("quiet")
    structlog.get_logger("eyeline.x").info("quiet")
    logging.getLogger("eyeline.x").error("loud")
    assert "quiet" not in out.getvalue()
    assert "loud" in out.getvalue()


def test_chatty_libraries_speak_only_to_who_debugs(out):
    configure_logging("info", stream=out)
    logging.getLogger("aioice.ice").info("candidate")
    assert out.getvalue() == ""
    configure_logging("debug", stream=out)
    logging.getLogger("aioice.ice").info("candidate")
    assert "candidate" in out.getvalue()


def test_configuring_again_replaces_our_handler_and_nobody_elses(out):
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    configure_logging("info", stream=io.StringIO())
    configure_logging("info", stream=out)
    logging.getLogger("eyeline.x").info("once")
    assert out.getvalue().count("once") == 1
    assert other in logging.getLogger().handlers


def test_others_texts_can_neither_forge_lines_nor_steer_the_terminal(out):
    configure_logging("info", stream=out)
    logging.getLogger("eyeline.x").info("%s joined", "Ada\n00:00:00 error   on fire\x1b[2J", extra={"nick": "a\nb"})
    (line,) = out.getvalue().splitlines()
    assert "\x1b" not in line
    assert r"Ada\n00:00:00" in line
    assert r"nick=a\nb" in line


def test_a_terminal_gets_colours_unless_it_says_no(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    configure_logging("info", stream=terminal)
    logging.getLogger("eyeline.x").error("red")
    assert terminal.getvalue().startswith("\x1b[31m")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    configure_logging("info", stream=plain)
    logging.getLogger("eyeline.x").error("red")
    assert "\x1b" not in plain.getvalue()
