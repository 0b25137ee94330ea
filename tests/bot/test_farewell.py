from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from eyeline.bot.farewell import Farewell, LeavePlan
from eyeline.config.settings import SettingsError, load_settings

NOON = datetime.fromisoformat("2030-01-31T12:00:30+01:00")


def plan(tmp_path, **values: object) -> LeavePlan:
    flags = {f"meeting.{key}": value for key, value in values.items()}
    settings = load_settings(flags, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings
    return LeavePlan.of(settings.meeting, NOON)


def test_stays_unless_told(tmp_path) -> None:
    assert plan(tmp_path) == LeavePlan()


@pytest.mark.parametrize(
    ("text", "hours"),
    [("12:01", 30 / 3600), ("12:00", 24 - 30 / 3600), ("11:00", 23 - 30 / 3600), ("18:30", 6.5 - 30 / 3600)],
)
def test_a_time_of_day_is_the_next_one(tmp_path, text: str, hours: float) -> None:
    at = plan(tmp_path, leave_at=text).at
    assert at is not None
    assert at - NOON == pytest.approx(timedelta(hours=hours), abs=timedelta(seconds=1))


def test_a_date_is_that_day(tmp_path) -> None:
    at = plan(tmp_path, leave_at="2030-02-01 08:15").at
    assert at is not None
    assert at.isoformat().startswith(datetime(2030, 2, 1, 8, 15).astimezone(NOON.tzinfo).isoformat()[:16])


@pytest.mark.parametrize("text", ["25:00", "noon", "12:60", "2030-01-01"])
def test_other_times_are_refused(tmp_path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"meeting\.leave_at"):
        plan(tmp_path, leave_at=text)


async def test_leaves_when_alone_long_enough() -> None:
    left: asyncio.Queue[str] = asyncio.Queue()
    async with Farewell(LeavePlan(alone_s=0.3), left.put_nowait) as farewell:
        farewell.company(0)
        await asyncio.sleep(0)
        farewell.company(1)  # somebody came
        await asyncio.sleep(0.5)
        assert left.empty()
        farewell.company(0)
        farewell.company(0)
        async with asyncio.timeout(60):
            assert "alone" in await left.get()


async def test_is_not_alone_while_the_connection_is_lost() -> None:
    left: asyncio.Queue[str] = asyncio.Queue()
    async with Farewell(LeavePlan(alone_s=0.2), left.put_nowait) as farewell:
        farewell.company(0)
        farewell.away()
        await asyncio.sleep(0.5)
        assert left.empty()


async def test_leaves_in_time() -> None:
    left: asyncio.Queue[str] = asyncio.Queue()
    at = datetime.now().astimezone() + timedelta(seconds=0.2)
    async with Farewell(LeavePlan(at=at), left.put_nowait), asyncio.timeout(60):
        assert (await left.get()).startswith("it is ")
