"""From the setting to what a meeting sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from eyeline.bot import meetings
from eyeline.config.settings import SettingsError, load_settings
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.processing.rtc.live_track import LiveTrack


@pytest.mark.parametrize(
    ("simulcast", "processors", "in_layers"),
    [("auto", 1, False), ("auto", 2, True), ("auto", None, False), ("on", 1, True), ("off", 8, False)],
)
async def test_simulcast_is_a_setting(
    simulcast: str, processors: int | None, in_layers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    given = {"video.simulcast": simulcast}
    settings = load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings
    meeting = meetings.meeting_opener("https://meet.example.org/room", settings)(LiveTrack("video"), LiveTrack("audio"))
    assert isinstance(meeting, JitsiMeeting)
    assert meeting._wishes.simulcast is in_layers


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="auto, on or off"):
        load_settings({"video.simulcast": "yes"}, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml")
