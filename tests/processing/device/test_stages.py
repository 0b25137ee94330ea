"""Each stage on a device beside its counterpart on the CPU.

Where both are given the same numbers, they agree but for the order of sums. The exception is sampling: OpenCV resizes
whole numbers in fixed point, with weights of 11 bits, and so rounds to the next level now and then.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from nets_lab import needs_torch
from picture_lab import scene

from eyeline.processing.blur import blurred_room
from eyeline.processing.box import Box, box_around, followed
from eyeline.processing.components import keep_person
from eyeline.processing.compose import blend
from eyeline.processing.finding import Finding
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import Matte, matte_of
from eyeline.processing.segmenter import spread
from eyeline.processing.temporal import ChangeGatedFilter

torch = needs_torch()

from eyeline.processing.device import chain, masks  # noqa: E402 - needs torch
from eyeline.processing.device.blur import blurred_rooms  # noqa: E402
from eyeline.processing.device.boxes import Boxes, boxes_around  # noqa: E402
from eyeline.processing.device.frames import FrameBatch  # noqa: E402
from eyeline.processing.device.matte import DeviceMatte, mattes_of  # noqa: E402
from eyeline.processing.device.patches import keep_people, patches  # noqa: E402
from eyeline.processing.device.pyramid import DevicePyramid  # noqa: E402
from eyeline.processing.device.sampling import Span, area_weights, linear_weights, sampled  # noqa: E402

CPU = torch.device("cpu")
SIZES = [(1280, 720), (720, 1280), (854, 480), (640, 360), (322, 180), (64, 36)]


def soft_masks(count: int, rows: int, columns: int, *, seed: int = 0) -> np.ndarray:
    """Blobs of several sizes; every fifth mask is empty, and every fifth full."""
    random = np.random.default_rng(seed)
    made = []
    for index in range(count):
        noise = cv2.GaussianBlur(random.standard_normal((rows, columns)).astype(np.float32), (0, 0), 3 + index % 7)
        made.append(np.clip(noise / noise.std() - random.uniform(0, 2), 0, 1))
    made[0][:] = 0
    made[1][:] = 1
    return np.stack(made).astype(np.float32)


def span(first: float, length: float) -> Span:
    return Span(torch.tensor([first]), torch.tensor([length]))


@pytest.mark.parametrize(("first", "length", "outputs"), [(0, 40, 64), (7, 20, 33), (30, 10, 10), (3, 37, 20)])
def test_linear_sampling_is_opencvs(first, length, outputs):
    line = np.random.default_rng(0).random((40, 40), np.float32)
    weights = linear_weights(span(first, length), 40, span(5, outputs), 80)
    found = sampled(torch.from_numpy(line)[None], weights, weights)[0].numpy()
    part = line[first : first + length, first : first + length]
    wanted = cv2.resize(part, (outputs, outputs), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(found[5 : 5 + outputs, 5 : 5 + outputs], wanted, atol=1e-5)
    found[5 : 5 + outputs, 5 : 5 + outputs] = 0
    assert not found.any(), "nothing beside the target"


@pytest.mark.parametrize(("first", "length", "outputs"), [(0, 40, 20), (7, 33, 10), (2, 31, 12)])
def test_sampling_by_area_is_opencvs(first, length, outputs):
    line = np.random.default_rng(0).random((40, 40), np.float32)
    weights = area_weights(span(first, length), 40, span(0, outputs), outputs)
    found = sampled(torch.from_numpy(line)[None], weights, weights)[0].numpy()
    part = line[first : first + length, first : first + length]
    np.testing.assert_allclose(found, cv2.resize(part, (outputs, outputs), interpolation=cv2.INTER_AREA), atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_planes_on_the_grid_are_those_of_the_cpu(size):
    images = [scene(*size)[0], scene(*size, shift=0.2)[0]]
    pyramid = DevicePyramid(FrameBatch.upload(images, CPU))
    for index, image in enumerate(images):
        for found, wanted in zip(pyramid.guide, Pyramid(image).guide, strict=True):
            gap = np.abs(found[index].numpy() - wanted)
            assert gap.max() <= 2, "rounded twice"
            assert gap.mean() < 0.15


@pytest.mark.parametrize("size", SIZES)
def test_nets_see_what_they_see_on_the_cpu(size):
    images = [scene(*size)[0], scene(*size, shift=0.2)[0], scene(*size, shift=-0.1)[0]]
    width_px, height_px = size
    boxes = [
        Box.whole(*size),
        Box(width_px // 4 // 8 * 8, 0, width_px // 4 // 8 * 8 + min(size) // 2, min(size) // 2),
        Box(0, height_px // 8 * 4, width_px, height_px // 8 * 4 + max(2, height_px // 8)),  # wide: bars
    ]
    sides = torch.tensor([(box.left_px, box.top_px, box.right_px, box.bottom_px) for box in boxes])
    pyramid = DevicePyramid(FrameBatch.upload(images, CPU))
    found = pyramid.rgb(sides, masks.used_rows(sides, 256, 256), 256, 256).permute(0, 2, 3, 1).numpy()
    for image, box, one in zip(images, boxes, found, strict=True):
        rows = masks.rows_of(box, 256, 256)
        above = (256 - rows) // 2
        wanted = np.zeros((256, 256, 3), np.float32)
        wanted[above : above + rows] = Pyramid(image).rgb(box, 256, rows)
        gap = np.abs(one - wanted)
        assert gap.mean() < 0.5, "one level of a plane is up to two of a colour"
        assert (gap > 4).mean() < 1e-3


def test_boxes_are_those_of_the_cpu():
    many = soft_masks(200, 36, 64)
    sizes = (1280, 720)
    found = boxes_around(torch.from_numpy(many), *sizes)
    wanted = [box_around(mask, *sizes) for mask in many]
    assert found.known.tolist() == [box is not None for box in wanted]
    known = [index for index, box in enumerate(wanted) if box is not None]
    assert [tuple(found.sides[index].tolist()) for index in known] == [_sides(wanted[index]) for index in known]
    later = [wanted[index] for index in known[1:]] + [wanted[known[0]]]
    after = Boxes(found.sides[known], found.known[known]).followed(
        Boxes(torch.tensor([_sides(box) for box in later]), torch.ones(len(known), dtype=torch.bool))
    )
    stayed = [followed(wanted[index], other) for index, other in zip(known, later, strict=True)]
    assert [tuple(sides) for sides in after.sides.tolist()] == [_sides(box) for box in stayed]
    assert {one is wanted[index] for one, index in zip(stayed, known, strict=True)} == {True, False}


def _sides(box: Box) -> tuple[int, int, int, int]:
    return box.left_px, box.top_px, box.right_px, box.bottom_px


@pytest.mark.parametrize(("rows", "columns"), [(180, 320), (37, 61)])
def test_patches_are_kept_as_on_the_cpu(rows, columns):
    many, support = soft_masks(24, rows, columns), soft_masks(24, rows, columns, seed=1)
    for second in (None, support):
        found = keep_people(torch.from_numpy(many), None if second is None else torch.from_numpy(second)).numpy()
        wanted = np.stack([keep_person(m, None if second is None else second[i]) for i, m in enumerate(many)])
        np.testing.assert_array_equal(found, wanted)
        assert (wanted != many).any()


def test_patches_that_wind_are_one():
    person = np.zeros((2, 41, 41), bool)
    person[0, ::2] = True
    for row in range(1, 41, 2):
        person[0, row, 40 if row % 4 == 1 else 0] = True  # a snake of 860 cells
    person[1, :3, :3] = person[1, 3:6, 3:6] = person[1, 20:, 20:] = True  # two that touch at a corner, and a third
    labels = patches(torch.from_numpy(person)).numpy()
    assert len(np.unique(labels[0])) == 2
    assert len(np.unique(labels[1])) == 3
    assert ((labels > 0) == person).all()


def test_what_the_finder_allows_is_the_same():
    raw = soft_masks(8, 180, 320)
    veto, core = masks._veto(torch.from_numpy(raw)), masks._core(torch.from_numpy(raw))
    for index, mask in enumerate(raw):
        finding = Finding.of(mask)
        np.testing.assert_allclose(veto[index], finding.veto, atol=1e-6)
        np.testing.assert_allclose(core[index], finding.core, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_mattes_and_composites_are_those_of_the_cpu(size):
    images, mask_list = [], []
    for shift in (0.0, 0.15):
        image, true = scene(*size, shift=shift)
        images.append(image)
        mask_list.append(cv2.GaussianBlur(spread(true, *Pyramid(image).grid_size), (0, 0), 2))
    frames = FrameBatch.upload(images, CPU)
    matte = mattes_of(DevicePyramid(frames), torch.from_numpy(np.stack(mask_list)))
    behind = I420Image.filled(*size, (90, 100, 160))
    alpha = matte.alpha(frames)
    composed = chain.blend(frames, FrameBatch.upload([behind], CPU), alpha).download()
    for index, (image, mask) in enumerate(zip(images, mask_list, strict=True)):
        wanted = matte_of(image, Pyramid(image), mask)
        np.testing.assert_array_equal(matte.kinds[index], wanted.kinds)
        gap = np.abs(alpha[index].numpy() - wanted.plane.astype(int))
        assert (gap > 2).mean() < 1e-3, "least squares amplify the order of sums where colours hardly vary"
        assert gap.mean() < 0.02
        assert np.abs(composed[index].data - blend(behind, wanted).data.astype(int)).mean() < 0.02
        assert 0.05 < alpha[index].float().mean() / 255 < 0.95


@pytest.mark.parametrize("strength", [5, 40, 100])
@pytest.mark.parametrize("size", [(1280, 720), (322, 180), (64, 36)])
def test_blurred_rooms_are_those_of_the_cpu(size, strength):
    image, true = scene(*size)
    mask = spread(true, *Pyramid(image).grid_size)
    frames = FrameBatch.upload([image], CPU)
    (found,) = blurred_rooms(frames, DevicePyramid(frames), torch.from_numpy(mask)[None], strength).download()
    gap = np.abs(found.data - blurred_room(image, Pyramid(image), mask, strength).data.astype(int))
    assert gap.max() <= 3
    assert gap.mean() < 0.3


def test_frames_come_back_as_they_went():
    images = [scene(64, 36)[0], scene(64, 36, shift=0.2)[0]]
    batch = FrameBatch.upload(images, CPU)
    for image, back in zip(images, batch.download(), strict=True):
        np.testing.assert_array_equal(image.data, back.data)
    again = FrameBatch.of_planes(*batch.planes)
    assert torch.equal(again.packed, batch.packed)
    assert (again.width_px, again.height_px, again.people) == (64, 36, 2)
    with pytest.raises(ValueError, match="one size"):
        FrameBatch.upload([images[0], I420Image.empty(32, 18)], CPU)
    with pytest.raises(ValueError, match="one size"):
        FrameBatch.upload([], CPU)


def test_masks_are_calmed_as_on_the_cpu(monkeypatch: pytest.MonkeyPatch):
    seen = soft_masks(8, 18, 32)
    seen[3, 0, 0] = 5e-4  # flushed
    streams = [seen, seen[::-1].copy()]
    people = masks.PeopleMasks(torch.nn.Identity(), (2, 2), torch.nn.Identity(), (2, 2))
    pyramid = DevicePyramid(FrameBatch.upload([scene(64, 36)[0]] * 2, CPU))
    nobody = Boxes.none(2, CPU), torch.zeros(2, dtype=torch.bool)
    filters = [ChangeGatedFilter(), ChangeGatedFilter()]
    for at in range(len(seen)):
        if at == 5:
            people.reset([1])
            filters[1].reset()
        now = torch.from_numpy(np.stack([stream[at] for stream in streams]))
        monkeypatch.setattr(people, "_seen", lambda _, __, now=now: (now, *nobody))
        found = people.update(pyramid)
        for number, (calm, stream) in enumerate(zip(filters, streams, strict=True)):
            np.testing.assert_allclose(found[number], calm.update(stream[at]), atol=1e-6)
    assert float((found[0] - now[0]).abs().max()) > 0.01


@pytest.mark.parametrize("size", SIZES)
def test_every_sample_counts_to_the_cell_of_the_cpu(size):
    image = scene(*size)[0]
    columns, rows = Pyramid(image).grid_size
    random = np.random.default_rng(2)
    kinds = random.integers(0, 3, (rows, columns)).astype(np.uint8)
    lines = random.uniform(0.3, 0.7, (rows, columns, 4)).astype(np.float32)
    frames = FrameBatch.upload([image], CPU)
    matte = DeviceMatte(torch.from_numpy(lines).permute(2, 0, 1)[None], torch.from_numpy(kinds)[None])
    wanted = Matte(image, lines, kinds).plane.astype(int)
    assert np.abs(matte.alpha(frames)[0].numpy() - wanted).max() <= 1
