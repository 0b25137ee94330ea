"""The preview page in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chromium_lab import chromium
from picture_lab import load_mask
from playwright.async_api import Page, expect

from eyeline.bot.control.control import Control
from eyeline.bot.control.people import People
from eyeline.bot.preview import Preview
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.settings import load_settings

_PIXEL = """() => {
  const video = document.querySelector("video");
  if (!video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return [...context.getImageData(canvas.width - 20, 20, 1, 1).data];
}"""


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """The page of a running preview of the test pattern before one colour."""
    load_mask().close()
    flags = {"video.source": "pattern", "video.width_px": 640, "video.height_px": 360}
    flags["effects.background"] = "color:#204060"
    settings = load_settings(flags, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings
    async with (
        Studio(StudioPlan.of(settings), settings, emit=lambda _: None) as studio,
        Preview(studio, Control(studio, People(), emit=lambda _: None), host="127.0.0.1", port=0) as preview,
        chromium() as browser,
    ):
        page = await browser.new_page(viewport={"width": 900, "height": 900})
        await page.goto(preview.url)
        yield page


async def shows(page: Page, rgb: tuple[int, int, int]) -> None:
    """Wait until the video's upper right corner has that colour."""
    near = f"pixel => pixel && {list(rgb)}.every((value, i) => Math.abs(value - pixel[i]) < 24)"
    await page.wait_for_function(f"() => ({near})(({_PIXEL})())", timeout=60_000)


async def test_the_picture_is_shown_and_the_background_is_changed(page: Page) -> None:
    await shows(page, (0x20, 0x40, 0x60))
    await expect(page.locator("#showing")).to_have_text("live")
    await expect(page.locator("#numbers")).to_contain_text("640\u00d7360")

    await page.get_by_role("textbox", name="Other").fill("color:#802020")
    await page.get_by_role("button", name="Apply").click()
    await shows(page, (0x80, 0x20, 0x20))

    await page.get_by_role("button", name="dusk").click()
    await expect(page.get_by_role("button", name="dusk")).to_have_attribute("aria-pressed", "true")


async def test_backgrounds_of_the_gallery_have_small_pictures(page: Page) -> None:
    dusk = page.get_by_role("button", name="dusk").locator("img")
    await dusk.scroll_into_view_if_needed()
    await page.wait_for_function("() => document.querySelector('button[value=dusk] img')?.naturalWidth === 320")
    await expect(page.get_by_role("button", name="blur").locator("img")).to_have_count(0)


async def test_a_wrong_background_is_explained(page: Page) -> None:
    await page.get_by_role("textbox", name="Other").fill("blur:900")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("status")).to_contain_text("0 to 100")
