"""The whole chain on a device (here: torch's CPU) beside the chain on the CPU, with the real nets.

The CPU's chain is made to search at every frame, as the device does. What is left is rounding: OpenCV's fixed point
gives nets an input that differs by a level here and there, which the nets amplify where they are in doubt, and nowhere
else. So single cells at the edge may differ visibly while the picture does not: the mean is held to 1/20 of a level of
255, and all but one sample in 500 to 3 levels.
"""

from __future__ import annotations

import numpy as np
import pytest
from nets_lab import needs_torch, weights_file
from picture_lab import StillRuntime, load_mask, scene

from eyeline.models.errors import InferenceError
from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.processing import mask as cpu_mask
from eyeline.processing.blur import blurred_room
from eyeline.processing.compose import blend
from eyeline.processing.errors import MaskError
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import matte_of
from eyeline.processing.segmenter import Segmenter

torch = needs_torch()

from eyeline.processing.device.chain import DeviceChain  # noqa: E402 - needs torch

SIZE = 640, 360
BEHIND = I420Image.filled(*SIZE, (90, 100, 160))
BLUR = 40


def open_chain(**options) -> DeviceChain:
    finder, closeup = weights_file(SELFIE_SEGMENTATION_LANDSCAPE), weights_file(SELFIE_SEGMENTATION)
    return DeviceChain(finder, closeup, **options)


@pytest.fixture
def person(monkeypatch):
    monkeypatch.setattr(cpu_mask, "_SEARCH_EVERY", 1)
    return load_mask()


def walk(*shifts: float | None) -> list[I420Image]:
    """Frames of a person who moves; of her room alone where there is no shift."""
    return [scene(*SIZE, shift=2.0 if shift is None else shift)[0] for shift in shifts]


def on_cpu(person, images, *, blurred=False):
    made = []
    for image in images:
        pyramid = Pyramid(image)
        mask = person.update(pyramid)
        behind = blurred_room(image, pyramid, mask, BLUR) if blurred else BEHIND
        made.append(blend(behind, matte_of(image, pyramid, mask)))
    return made


def assert_alike(found: I420Image, wanted: I420Image) -> None:
    gap = np.abs(found.data - wanted.data.astype(int))
    assert gap.mean() < 0.05
    assert (gap > 3).mean() < 0.002


@pytest.mark.parametrize("blurred", [False, True])
def test_several_people_each_get_the_picture_of_the_cpu(person, blurred):
    streams = [walk(0.0, 0.02, 0.04, 0.3), walk(-0.2, -0.2, None, -0.1), walk(None, None, 0.1, 0.1)]
    chain = open_chain()
    behind = BLUR if blurred else chain.upload([BEHIND])
    made = [chain.process(chain.upload(images), behind).download() for images in zip(*streams, strict=True)]
    for number, stream in enumerate(streams):
        person.reset()
        for at, wanted in enumerate(on_cpu(person, stream, blurred=blurred)):
            assert_alike(made[at][number], wanted)
    shown = [(made[at][number].y != 90).mean() for number, at in ((0, 0), (1, 2), (2, 0), (2, 3))]
    assert blurred or (shown[0] > 0.2 and shown[1] < 0.01 and shown[2] < 0.01 and shown[3] > 0.2)


def test_nobody_s_picture_depends_on_anybody_else(person):
    del person
    alone, together = open_chain(), open_chain()
    behind = alone.upload([BEHIND])
    for image, other in zip(walk(0.0, 0.05, 0.1), walk(None, -0.2, 0.3), strict=True):
        (one,) = alone.process(alone.upload([image]), behind).download()
        both = together.process(together.upload([other, image]), behind).download()
        assert np.abs(one.data - both[1].data.astype(int)).max() <= 2  # convolutions of batches add up in another order


def test_what_is_forgotten_of_one_stays_of_the_other():
    chain = open_chain()
    behind = chain.upload([BEHIND])
    first, second = walk(0.0, 0.02)
    fresh = chain.process(chain.upload([second, second]), behind).download()[0]
    chain.reset()
    chain.process(chain.upload([first, first]), behind)
    chain.reset([0])
    forgot, remembered = chain.process(chain.upload([second, second]), behind).download()
    np.testing.assert_array_equal(forgot.data, fresh.data)
    assert (remembered.data != fresh.data).any()


def test_another_size_or_number_begins_anew():
    chain = open_chain()
    for images in (walk(0.0), walk(0.0, 0.1), [scene(64, 36)[0]], [scene(360, 640)[0]]):
        frames = chain.upload(images)
        (made, *_) = chain.process(frames, BLUR).download()
        assert made.size == images[0].size


def test_a_mask_that_is_not_finite_gives_no_picture_and_is_forgotten():
    chain = open_chain()
    frames, behind = chain.upload(walk(0.0)), chain.upload([BEHIND])
    (wanted,) = chain.process(frames, behind).download()
    finder = chain._masks._finder
    chain._masks._finder = lambda image: (finder(image)[0] * torch.nan,)
    with pytest.raises(MaskError, match="not finite"):
        chain.process(frames, behind)
    chain._masks._finder = finder
    (again,) = chain.process(frames, behind).download()
    np.testing.assert_array_equal(again.data, wanted.data)


def test_the_bare_room_is_not_to_be_had():
    chain = open_chain()
    frames = chain.upload(walk(0.0))
    for behind in (0, 101, -1):
        with pytest.raises(ValueError, match="no blur"):
            chain.process(frames, behind)
    with pytest.raises(ValueError, match="not as large"):
        chain.process(frames, chain.upload([I420Image.empty(64, 36)]))


def test_a_device_that_is_not_there_is_an_error():
    with pytest.raises(InferenceError, match="cuda:99"):
        open_chain(device="cuda:99")


def test_whom_the_closer_look_overlooks_the_finder_keeps(person):
    chain = open_chain()
    images = walk(0.0, 0.02)
    person._closeup = Segmenter(StillRuntime(np.zeros((256, 256), np.float32)))
    chain._masks._closeup = lambda image: (torch.zeros(image.shape[0], 1, 256, 256),)
    behind = chain.upload([BEHIND])
    for image, wanted in zip(images, on_cpu(person, images), strict=True):
        (found,) = chain.process(chain.upload([image]), behind).download()
        assert_alike(found, wanted)
        assert (found.y != 90).mean() > 0.2
