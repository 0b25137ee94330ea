"""Encoders that work here, and what is said where they do not."""

from __future__ import annotations

import pytest

from eyeline.bot.doctor import encoders
from eyeline.bot.doctor.diagnosis import Diagnosis, Level, Patient
from eyeline.bot.doctor.encoders import check_encoders, encode_one
from eyeline.processing.rtc.errors import EncoderError


def refused(*_: object) -> None:
    raise EncoderError("There is none.")


class Silent:
    """A codec that gives nothing."""

    def __init__(self, *_: object) -> None:
        self.closed = False

    def encode(self, *_: object, **__: object) -> None:
        return None

    def close(self) -> None:
        self.closed = True


def found(patient: Patient) -> dict[str, Diagnosis]:
    return {one.what: one for one in check_encoders(patient)}


def test_all_work_here(ordinary: Patient):
    looked_at = found(ordinary)
    assert list(looked_at) == ["aiortc", "vp8", "h264", "opus"]
    assert {one.level for one in looked_at.values()} <= {Level.OK, Level.WARN}


def test_what_is_lost_is_told_by_how_much_it_matters(ordinary: Patient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoders, "load_libvpx", refused)
    monkeypatch.setattr(encoders, "open_h264", refused)
    looked_at = found(ordinary)
    assert looked_at["vp8"].level is Level.WARN
    assert "keyframe" in looked_at["vp8"].why
    assert looked_at["h264"].level is Level.WARN
    monkeypatch.setattr(encoders, "LibavVp8", refused)
    assert found(ordinary)["vp8"].level is Level.BAD


def test_an_encoder_that_gives_nothing_does_not_work_and_is_closed():
    opened: list[Silent] = []

    def open_silent(*_: object) -> Silent:
        opened.append(Silent())
        return opened[-1]

    with pytest.raises(EncoderError, match="no keyframe"):
        encode_one(open_silent)
    assert opened[0].closed
