"""The camera page in a real browser, whose camera shows a turning disc and whose microphone beeps."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from busy_machine import holds_soon
from chromium_lab import ALLOWED, DENIED, FAKE_DEVICES, START_TIMEOUT_MS, WAIT_MS, chromium
from playwright.async_api import Page, expect
from source_lab import until_async

from eyeline.bot.ingest import Ingest
from eyeline.config.schema import IngestSettings
from eyeline.config.settings import load_settings
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.webrtc import IngestSession

TOKEN = "a-token-for-this-test-only"


@dataclass
class Bot:
    """A session with both sources and its page."""

    session: IngestSession
    settings: IngestSettings
    ingest: Ingest
    frames: list[CapturedFrame] = field(default_factory=list)
    blocks: list[AudioBlock] = field(default_factory=list)

    async def gets_pictures(self, count: int = 3) -> None:
        seen = len(self.frames)
        await until_async(lambda: len(self.frames) >= seen + count, timeout_s=60)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    environ = {"EYELINE_INGEST__TOKEN": TOKEN}
    loaded = load_settings({"ingest.port": 0}, cwd=tmp_path, environ=environ, user_file=tmp_path / "none.toml")
    settings = loaded.settings.ingest
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(IngestSession({"video", "audio"}))
        bot = Bot(session, settings, await stack.enter_async_context(Ingest(session, settings)))
        await stack.enter_async_context(session.video(Box(1280, 720, 30), on_frame=bot.frames.append))
        await stack.enter_async_context(session.audio(on_block=bot.blocks.append))
        yield bot


@pytest.fixture
async def page(bot: Bot) -> AsyncIterator[Page]:
    """The page, opened by its link, in a browser that allows everything."""
    async with chromium(FAKE_DEVICES, ALLOWED) as browser:
        context = await browser.new_context(viewport={"width": 1100, "height": 800})
        context.set_default_navigation_timeout(START_TIMEOUT_MS)
        page = await context.new_page()
        await page.goto(link(bot))
        yield page


def link(bot: Bot) -> str:
    return f"{bot.ingest.url}#token={TOKEN}"


async def start(page: Page) -> None:
    await page.get_by_role("button", name="Start sending").click()
    await says(page, "Sending")


async def says(page: Page, words: str) -> None:
    await expect(page.get_by_role("status")).to_have_text(words, timeout=WAIT_MS)


async def test_camera_and_microphone_arrive(page: Page, bot: Bot) -> None:
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    await start(page)
    await bot.gets_pictures(20)

    def disc_turns() -> None:
        first, last = bot.frames[-10].image, bot.frames[-1].image
        assert first.size == last.size
        assert np.abs(first.y.astype(int) - last.y.astype(int)).max() > 50
        assert max(np.median(plane) for plane in last.planes) < 8, "its ground is 0 in all planes"

    def microphone_beeps() -> None:
        assert len(bot.blocks) > 100
        loudness = [float(np.abs(block.samples.astype(int)).max()) for block in bot.blocks[-100:]]
        assert max(loudness) > 1000 > 200 > np.median(loudness), "one beep a second, and silence between"

    await holds_soon(disc_turns)
    await holds_soon(microphone_beeps)
    await expect(page.locator("#numbers")).to_have_text(
        re.compile(r"^\d+.\d+, \d+ fps, \d+\.\d Mbit/s, H264$"), timeout=WAIT_MS
    )
    assert await page.evaluate("document.getElementById('self').videoWidth") == 1280
    assert trouble == []


async def test_the_token_leaves_the_address_bar(page: Page, bot: Bot) -> None:
    await expect(page.get_by_role("button", name="Start sending")).to_be_visible()
    assert page.url == bot.ingest.url
    assert TOKEN not in await page.content()


async def test_after_a_reload_the_camera_comes_back_by_itself(page: Page, bot: Bot) -> None:
    await start(page)
    await bot.gets_pictures()
    sender = bot.session.sender_id
    await page.reload()
    await says(page, "Sending")
    assert bot.session.sender_id not in ("", sender)
    await bot.gets_pictures()


async def test_stopping_lets_go_of_the_camera(page: Page, bot: Bot) -> None:
    await start(page)
    await page.get_by_role("button", name="Stop sending").click()
    await says(page, "Not sending")
    await until_async(lambda: bot.session.sender_id == "")
    assert bot.session.states["video"].phase.value == "lost"
    assert await page.evaluate("document.getElementById('self').srcObject") is None
    await page.reload()
    await says(page, "Not sending")


async def test_another_page_takes_over_and_is_not_fought(page: Page, bot: Bot) -> None:
    await start(page)
    other = await page.context.new_page()
    await other.goto(link(bot))
    await start(other)
    await says(page, "Another page is sending")
    await expect(page.get_by_role("alert")).to_contain_text("from another page")
    await page.get_by_role("button", name="Send from here again").click()
    await says(page, "Sending")
    await says(other, "Another page is sending")
    await bot.gets_pictures()


async def test_another_device_is_sent_without_a_new_connection(page: Page, bot: Bot) -> None:
    await start(page)
    sender = bot.session.sender_id
    await page.get_by_label("Microphone").select_option(label="Fake Audio Input 2")
    await page.get_by_label("Microphone").select_option(label="No microphone")
    await page.wait_for_function("!document.getElementById('problem-what').textContent")
    await bot.gets_pictures()
    assert bot.session.sender_id == sender
    await until_async(lambda: bot.session.states["audio"].phase.value == "lost", timeout_s=60)


async def test_when_eyeline_is_gone_the_page_tries_again_by_itself(page: Page, bot: Bot) -> None:
    await start(page)
    port = int(bot.ingest.url.rsplit(":", 1)[1].strip("/"))
    bot.session.hang_up(bot.session.sender_id)
    await bot.ingest.__aexit__(None, None, None)
    await says(page, "Connection lost")
    await expect(page.get_by_role("alert")).to_contain_text("Is it still running?", timeout=WAIT_MS)
    async with Ingest(bot.session, bot.settings.model_copy(update={"port": port})):
        await says(page, "Sending")
        await bot.gets_pictures()


async def test_without_a_token_the_page_asks_for_it(bot: Bot) -> None:
    async with chromium(FAKE_DEVICES, ALLOWED) as browser:
        page = await browser.new_page()
        await page.goto(bot.ingest.url)
        field = page.get_by_label("Link or token")
        await field.fill("not-the-right-token")
        await field.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("open the link that it printed")
        await field.fill(link(bot))
        await field.press("Enter")
        await start(page)
        await bot.gets_pictures()


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ((FAKE_DEVICES, DENIED), "may not use a camera and a microphone: permission denied"),
        ((ALLOWED,), "There is no such device: a camera"),
    ],
    ids=["denied", "no camera"],
)
async def test_a_camera_that_cannot_be_had_is_explained(bot: Bot, flags: tuple[str, ...], why: str) -> None:
    async with chromium(*flags) as browser:
        page = await browser.new_page()
        await page.goto(link(bot))
        await page.get_by_role("button", name="Start sending").click()
        await expect(page.get_by_role("alert")).to_contain_text(why, timeout=WAIT_MS)
        await says(page, "Not sending")
        await expect(page.get_by_role("button", name="Start sending")).to_be_enabled()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("delete Navigator.prototype.mediaDevices", "gives no camera to this address"),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotReadableError'); }",
            "another program may be using it",
        ),
    ],
    ids=["insecure origin", "in use"],
)
async def test_what_only_other_machines_do_is_explained(page: Page, bot: Bot, broken: str, why: str) -> None:
    await page.add_init_script(broken)
    await page.reload()
    await page.get_by_role("button", name="Start sending").click()
    await expect(page.get_by_role("alert")).to_contain_text(why)
    await says(page, "Not sending")


async def test_everything_has_a_name_and_can_be_reached_by_keyboard(page: Page) -> None:
    reached = []
    await expect(page.get_by_role("button", name="Start sending")).to_be_visible()
    for _ in range(3):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id"))
    assert reached == ["camera", "microphone", "switch"]
    await page.keyboard.press("Enter")
    await says(page, "Sending")
    for role, name in (("combobox", "Camera"), ("combobox", "Microphone"), ("meter", "Level")):
        await expect(page.get_by_role(role, name=name)).to_be_visible()
    await expect(page.get_by_label("Your own camera")).to_be_visible()
