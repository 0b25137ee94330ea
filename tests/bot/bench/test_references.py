"""The ways of others: that they are what they are said to be, so that they are compared with fairly."""

from __future__ import annotations

import numpy as np
from picture_lab import StillRuntime, half_person, iou, load_net, scene

from eyeline.bot.bench.references import JitsiPicture, JitsiRecipe, RawMask, RgbPicture, StreamixRecipe
from eyeline.processing.frame import I420Image

FRAME, BACKDROP = I420Image.filled(640, 360, (200, 120, 130)), I420Image.filled(640, 360, (50, 128, 128))


def test_the_raw_mask_is_only_enlarged():
    matte = RawMask(StillRuntime(half_person() * np.float32(0.7))).matte(FRAME)
    np.testing.assert_allclose(matte[:, :300], 0.7, atol=1e-6)
    np.testing.assert_allclose(matte[:, 340:], 0, atol=1e-6)


def test_jitsis_recipe_averages_and_cuts_steeply():
    runtime = StillRuntime(np.full((18, 32), 0.4, np.float32))
    recipe = JitsiRecipe(runtime)
    assert (recipe.matte(FRAME) == 0).all()  # under .48 is room
    runtime.mask[:] = 1
    assert 0 < recipe.matte(FRAME)[0, 0] < 1  # .75 * .4 + .25 * 1 = .55
    for _ in range(12):
        matte = recipe.matte(FRAME)
    assert (matte == 1).all()


def test_streamix_cuts_hard_and_would_be_soft_without():
    mask = np.full((18, 32), 0.7, np.float32)
    mask[:, 16:] = 0.8
    hard = StreamixRecipe(StillRuntime(mask)).matte(FRAME)
    assert set(np.unique(hard)) == {0, 1}
    assert not hard[:, :300].any()
    assert hard[:, 340:].all()
    soft = StreamixRecipe(StillRuntime(mask), threshold=None).matte(FRAME)
    np.testing.assert_allclose(soft[:, :280], 0.7, atol=1e-3)
    np.testing.assert_allclose(soft[:, 360:], 0.8, atol=1e-3)


def test_both_pictures_keep_the_person_and_hide_the_room():
    for made in (JitsiPicture, RgbPicture):
        result = made(StillRuntime(half_person()), BACKDROP).process(FRAME)
        for plane, front, back in zip(result.planes, FRAME.planes, BACKDROP.planes, strict=True):
            columns = plane.shape[1]
            assert np.abs(plane[:, : columns * 2 // 5].astype(int) - front[0, 0]).max() <= 2
            assert np.abs(plane[:, columns * 3 // 5 :].astype(int) - back[0, 0]).max() <= 2


def test_both_find_a_real_person():
    image, true = scene(640, 360)
    for recipe in (RawMask(load_net("selfie_segmentation_landscape")),):
        assert iou(recipe.matte(image), true) > 0.93
    assert iou(JitsiRecipe(load_net("selfie_segmentation_landscape")).matte(image), true) > 0.9
