"""The promise: whatever dies, hangs or fails, the raw room is in none of the pictures that others decode."""

from __future__ import annotations

import asyncio
import random
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from jitsi_lab.addresses import local_media_address
from picture_lab import load_mask
from raw_room_lab import (
    FAULTS,
    MARK_AT,
    SIZES_PX,
    Camera,
    Fault,
    Show,
    Viewer,
    mark_in,
    portrait,
    show,
    striped,
)
from worker_lab import FailingOpenSpec, LabSpec, NetSpec, effects

from eyeline.models.store import default_directory
from eyeline.processing.frame import I420Image

PARTS = 4
FAULTS_EACH = 130
LIVE_EACH = 130

needs_network = pytest.mark.skipif(local_media_address() is None, reason="ICE finds no address on this machine")


@needs_network
@pytest.mark.parametrize("part", range(PARTS))
async def test_in_five_hundred_faults_nobody_sees_the_room(tmp_path: Path, part: int) -> None:
    """In parts, so that processes of the test run can share them."""
    async with show(LabSpec(tmp_path / "weights"), tmp_path, new_seed()) as acting:
        alive = await strike_often(acting, FAULTS_EACH)
    assert PARTS * acting.done.total() >= 500
    assert len(acting.done) == len(set(FAULTS))
    assert alive >= FAULTS_EACH // 10
    assert acting.viewer.live >= LIVE_EACH
    assert acting.maker.restarts >= FAULTS_EACH // 10


@needs_network
async def test_nor_with_the_real_net(tmp_path: Path) -> None:
    load_mask().close()
    nets = ("selfie_segmentation_landscape.tflite", "selfie_segmentation.tflite")
    spec = NetSpec(tuple(default_directory() / net for net in nets), tmp_path / "weights")
    sizes_px = ((640, 360), (480, 270))
    async with show(spec, tmp_path, new_seed(), paint=portrait, sizes_px=sizes_px) as acting:
        alive = await strike_often(acting, 60)
    assert alive >= 6


def new_seed() -> int:
    return random.SystemRandom().randrange(1 << 32)


async def strike_often(acting: Show, count: int) -> int:
    """Faults at random moments; live pictures must come again each time, and none may show the room.

    Returns:
        After how many faults live pictures were decoded before the next one.
    """
    alive = 0
    for number in range(count):
        before = acting.viewer.live
        await acting.strike()
        await asyncio.sleep(acting.chance.uniform(0.0, 0.3))
        if number % 10 == 9:
            await acting.goes_on(10)
        alive += acting.viewer.live > before
    await acting.goes_on(30)
    viewer = acting.viewer
    sys.stdout.write(
        f"seed {acting.seed}: {viewer.decoded} pictures decoded, {viewer.live} live; live ones after {alive} of the "
        f"{sum(acting.done.values())} faults before the next; strongest mark {viewer.strongest_mark:.1f} of {MARK_AT}; "
        f"{acting.maker.restarts} restarts, {acting.refused} changes refused; {dict(acting.done)}\n"
    )
    assert viewer.marked == [], f"seed {acting.seed}"
    return alive


@needs_network
async def test_a_picture_that_fails_open_is_found_out(tmp_path: Path) -> None:
    async with show(FailingOpenSpec(), tmp_path, seed=1) as acting:
        for _ in range(10):
            acting.camera.poison.append(Fault.MASK_NAN)
            await acting.goes_on(5)
    assert acting.viewer.marked


@needs_network
async def test_who_chooses_to_show_the_room_is_seen_in_it(tmp_path: Path) -> None:
    async with show(LabSpec(), tmp_path, seed=1) as acting:
        assert acting.viewer.marked == []
        await acting.wear("none")
        await acting.goes_on(10)
        assert len(acting.viewer.marked) >= 5


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_the_mark_is_in_the_room_and_in_nothing_else(size_px: tuple[int, int]) -> None:
    frame = Camera(lambda _: None, sizes_px=(size_px,)).frame()
    assert mark_in(frame.image.u, frame.image.v) > 5 * MARK_AT
    with LabSpec()() as picture:
        for background in ("color:#203040", "color:#000000", "color:#404040", "blur:100", "dusk"):
            picture.apply(picture.prepare(effects(background)))
            made = picture.process(frame).image
            assert mark_in(made.u, made.v) < MARK_AT / 2, background


@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("phase", [0, 5, 11])
def test_a_corner_of_the_room_is_enough(size_px: tuple[int, int], phase: int) -> None:
    image = I420Image.filled(*size_px, (60, 128, 128))
    room = striped(size_px, phase)
    rows, columns = 12, 28
    for plane, raw in ((image.u, room.u), (image.v, room.v)):
        plane[-rows:, -columns:] = raw[-rows:, -columns:]
    assert mark_in(image.u, image.v) > MARK_AT


@pytest.mark.parametrize("bits_per_second", [60_000, 500_000])
def test_coding_does_not_wash_the_mark_out(bits_per_second: int) -> None:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = SIZES_PX[0]
    encoder.pix_fmt, encoder.time_base, encoder.bit_rate = "yuv420p", Fraction(1, 30), bits_per_second
    encoder.options = {"deadline": "realtime", "cpu-used": "12"}
    decoder = av.CodecContext.create("vp8", "r")
    viewer, raw = Viewer(), Camera(lambda _: None)
    plain = I420Image.filled(*SIZES_PX[0], (60, 128, 128))
    for number in range(60):
        one_in_ten = number % 10 == 9
        frame = (raw.frame().image if one_in_ten else plain).to_video_frame()
        frame.pts, frame.time_base = number, Fraction(1, 30)
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                viewer.look(decoded)
    seen = set(viewer.marked)
    assert {9, 19, 29, 39, 49, 59} <= seen
    assert np.mean([number in seen for number in range(8)]) == 0
