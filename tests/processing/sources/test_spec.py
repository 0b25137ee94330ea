from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.config.errors import UsageError
from eyeline.config.redaction import MASK
from eyeline.processing.sources.spec import (
    BrowserSpec,
    CameraSpec,
    FileSpec,
    MicrophoneSpec,
    PatternSpec,
    SilenceSpec,
    SourceTextError,
    StreamSpec,
    parse_audio_source,
    parse_video_source,
)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("camera", CameraSpec()),
        (" Camera ", CameraSpec()),
        ("camera:2", CameraSpec("2")),
        ("camera:/dev/video2", CameraSpec("/dev/video2")),
        ("/dev/video2", CameraSpec("/dev/video2")),
        ("camera:FaceTime HD: built in", CameraSpec("FaceTime HD: built in")),
        ("pattern", PatternSpec()),
        ("Browser", BrowserSpec()),
        ("rtsp://host/live", StreamSpec("rtsp://host/live")),
        ("RTSPS://host:322/live?x=1", StreamSpec("RTSPS://host:322/live?x=1")),
        ("http://[::1]:8080/", StreamSpec("http://[::1]:8080/")),
        ("https://host/a.m3u8", StreamSpec("https://host/a.m3u8")),
    ],
)
def test_video(text: str, spec: object) -> None:
    assert parse_video_source(text) == spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("silence", SilenceSpec()),
        ("microphone", MicrophoneSpec()),
        ("browser", BrowserSpec()),
        ("microphone:hw:1,0", MicrophoneSpec("hw:1,0")),
    ],
)
def test_audio(text: str, spec: object) -> None:
    assert parse_audio_source(text) == spec
    assert str(spec) == text


def test_a_file_that_exists(tmp_path: Path) -> None:
    path = tmp_path / "my clip: final.mp4"
    path.touch()
    assert parse_video_source(str(path)) == FileSpec(path)
    assert parse_audio_source(f"  {path} ") == FileSpec(path)


def test_a_file_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "clip.mp4").touch()
    assert parse_video_source("~/clip.mp4") == FileSpec(tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "camera:",
        "camera: ",
        "ftp://host/x",
        "rtsp://",
        "rtsp://:554/x",
        "http://host:99999/",
        "http://[::1/",
        "a\0b",
    ],
)
def test_what_is_no_video_source(text: str) -> None:
    with pytest.raises(SourceTextError) as caught:
        parse_video_source(text)
    assert caught.value.hint
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize("text", ["", "microphone:", "rtsp://host/x", "x" * 5000])
def test_what_is_no_audio_source(text: str) -> None:
    with pytest.raises(SourceTextError):
        parse_audio_source(text)


def test_names_what_was_probably_meant(tmp_path: Path) -> None:
    (tmp_path / "holiday.mp4").touch()
    (tmp_path / "unrelated.txt").touch()
    with pytest.raises(SourceTextError, match="There is no file") as caught:
        parse_video_source(str(tmp_path / "holliday.mp4"))
    assert caught.value.hint == f"Did you mean {tmp_path / 'holiday.mp4'}?"


@pytest.mark.parametrize(("text", "meant"), [("camra", "camera"), ("patern", "pattern")])
def test_names_the_word_that_was_probably_meant(text: str, meant: str) -> None:
    with pytest.raises(SourceTextError) as caught:
        parse_video_source(text)
    assert caught.value.hint == f"Did you mean {meant}?"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceTextError, match="is a folder"):
        parse_video_source(str(tmp_path))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://user:secret@host:554/live", f"rtsp://user:{MASK}@host:554/live"),
        ("rtsp://user:se@cr:et@host/live", f"rtsp://user:{MASK}@host/live"),
        ("rtsp://:secret@host/live", f"rtsp://:{MASK}@host/live"),
        ("http://secret@host/", f"http://{MASK}@host/"),
        ("http://host/live?a=1&token=secret", f"http://host/live?a=1&token={MASK}"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_shows_no_password(url: str, shown: str) -> None:
    spec = parse_video_source(url)
    assert str(spec) == shown
    assert "secret" not in repr(spec)


def test_errors_show_no_password() -> None:
    with pytest.raises(SourceTextError) as caught:
        parse_video_source("rtsp://user:secret@host:0/live")
    assert "secret" not in str(caught.value)


@given(st.text())
def test_any_text_is_a_source_or_refused_in_words(text: str) -> None:
    for parse in (parse_video_source, parse_audio_source):
        try:
            spec = parse(text)
        except UsageError as error:
            assert error.message  # noqa: PT017
        else:
            assert parse(str(spec)) == spec or isinstance(spec, StreamSpec)
