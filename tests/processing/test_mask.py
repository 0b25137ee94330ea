"""Finding the person: what the net is fed, what is done when it fails, and how well it works on known outlines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from picture_lab import CLIPS, StillRuntime, half_person, iou, load_mask, mad, room, scene

from eyeline.processing.decode import decode_video
from eyeline.processing.errors import MaskError
from eyeline.processing.frame import I420Image
from eyeline.processing.mask import PersonMask
from eyeline.processing.refine import full_size_matte


def test_the_net_is_given_the_whole_frame_as_rgb_from_0_to_1():
    bgr = np.zeros((72, 128, 3), np.uint8)
    bgr[:, :64] = (0, 0, 255)
    bgr[:, 64:] = (255, 0, 0)
    runtime = StillRuntime(half_person())
    PersonMask(runtime).update(I420Image.from_bgr(bgr))
    (tensor,) = runtime.seen
    assert tensor.shape == (1, 18, 32, 3)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[0, 9, 4], (1, 0, 0), atol=0.02)
    np.testing.assert_allclose(tensor[0, 9, 28], (0, 0, 1), atol=0.02)


@pytest.mark.parametrize("size", [(72, 128), (96, 96), (128, 72)])
def test_a_frame_no_wider_than_the_net_fills_it(size: tuple[int, int]):
    runtime = StillRuntime(half_person())
    mask = PersonMask(runtime).update(I420Image.filled(*size, (235, 128, 128)))
    assert mask.shape == (18, 32)
    assert runtime.seen[0].min() > 0.98


def test_a_wider_frame_gets_bars_that_are_no_part_of_the_mask():
    net_mask = np.zeros((18, 32), np.float32)
    net_mask[5:13] = 0.75
    runtime = StillRuntime(net_mask)
    mask = PersonMask(runtime).update(I420Image.filled(256, 64, (235, 128, 128)))
    assert mask.shape == (8, 32)
    assert (mask == 0.75).all()
    assert runtime.seen[0][0, 5:13].min() > 0.98
    assert runtime.seen[0][0, :5].max() == 0
    assert runtime.seen[0][0, 13:].max() == 0


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_mask_that_is_not_finite_is_refused_and_leaves_no_trace(poison: float):
    image = I420Image.filled(64, 36, (100, 128, 128))
    runtime = StillRuntime(np.full((18, 32), 0.5, np.float32))
    person = PersonMask(runtime)
    person.update(image)
    runtime.mask[3, 3] = poison
    with pytest.raises(MaskError):
        person.update(image)
    runtime.mask = np.full((18, 32), 0.55, np.float32)
    assert (person.update(image) == np.float32(0.55)).all()  # neither averaged with what was, nor poisoned


def test_a_mask_of_another_shape_is_refused():
    class Odd(StillRuntime):
        def run(self, tensor):
            return super().run(tensor)[:, :5]

    with pytest.raises(MaskError):
        PersonMask(Odd(half_person())).update(I420Image.filled(64, 36, (100, 128, 128)))


def test_values_outside_of_0_to_1_are_clipped():
    mask = PersonMask(StillRuntime(np.array([[-0.5, 1.5]] * 2, np.float32))).update(I420Image.filled(4, 4, (99, 9, 9)))
    assert mask.min() == 0
    assert mask.max() == 1


def test_another_frame_size_begins_anew():
    runtime = StillRuntime(np.full((18, 32), 0.5, np.float32))
    person = PersonMask(runtime)
    person.update(I420Image.filled(64, 36, (100, 128, 128)))
    runtime.mask = np.full((18, 32), 0.55, np.float32)
    assert (person.update(I420Image.filled(128, 72, (100, 128, 128))) == np.float32(0.55)).all()


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (640, 480), (720, 1280)])
@pytest.mark.parametrize("shift", [-0.2, 0.0, 0.2])
def test_a_person_is_found_in_every_shape_of_frame(size: tuple[int, int], shift: float):
    image, true = scene(*size, shift=shift)
    found = full_size_matte(load_mask().update(image), *size).plane / 255
    assert iou(found, true) > 0.93
    assert mad(found, true) < 0.05


def test_an_empty_room_holds_nobody():
    found = full_size_matte(load_mask().update(I420Image.from_bgr(room(640, 360))), 640, 360).plane
    assert (found > 0).mean() < 0.01


@pytest.mark.skipif(not CLIPS.is_dir(), reason="needs the pictures with known mattes beside the repository")
def test_pictures_with_exact_mattes():
    scores = []
    for path in sorted((CLIPS / "stills").glob("*.jpg")):
        true = cv2.imread(str(path.with_name(f"{path.stem}_a.png")), cv2.IMREAD_GRAYSCALE) / 255
        image = I420Image.from_bgr(cv2.imread(str(path)))
        found = full_size_matte(load_mask().update(image), *image.size).plane / 255
        scores.append((iou(found, true), mad(found, true)))
    ious, mads = np.transpose(scores)
    assert ious.mean() > 0.92  # measured .939
    assert ious.min() > 0.84  # measured .876
    assert mads.mean() < 0.016  # measured .0129


@pytest.mark.skipif(not CLIPS.is_dir(), reason="needs the clips with known mattes beside the repository")
def test_a_clip_with_exact_mattes():
    person = load_mask()
    frames = decode_video(CLIPS / "syn_22fc0130_homebg2.mp4", max_pixels=10**7)
    mattes = decode_video(CLIPS / "syn_22fc0130_homebg2_a.mp4", max_pixels=10**7)
    scores = []
    for frame, matte in zip(frames, mattes, strict=True):
        found = full_size_matte(person.update(frame.image), *frame.image.size).plane / 255
        true = np.clip((matte.image.y.astype(np.float32) - 16) / 219, 0, 1)
        scores.append((iou(found, true), mad(found, true)))
    mean_iou, mean_mad = np.mean(scores, axis=0)
    assert mean_iou > 0.95  # measured .970
    assert mean_mad < 0.011  # measured .0075
