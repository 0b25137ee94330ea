"""Chromium with a camera that shows a known moving picture and a microphone that beeps."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from jitsi_lab.addresses import local_media_address
from playwright.async_api import Browser, async_playwright, expect

FAKE_DEVICES = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
DENIED = "--use-fake-ui-for-media-stream=deny"

START_TIMEOUT_MS = 90_000
WAIT_MS = 60_000
"""How long a page may take on a machine that is busy with other things; Playwright's own 5 s are too few there."""

expect.set_options(timeout=WAIT_MS)

_CHROMIUM = shutil.which("chromium")
_OFFLINE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """The real browser, or a skipped test where there is none."""
    if _CHROMIUM is None:
        pytest.skip("needs Chromium (apt install chromium)")
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_CHROMIUM, args=[*_OFFLINE, *flags], timeout=START_TIMEOUT_MS
        )
        try:
            yield browser
        finally:
            await browser.close()
