"""Compiling ahead: nothing is left to do in a frame, wherever the code may be kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eyeline.processing.compose import blend
from eyeline.processing.finding import Finding
from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.band_blend import blend_planes, full_matte
from eyeline.processing.kernels.guided_filter import box_means, local_lines
from eyeline.processing.kernels.light_wrap import lay_light
from eyeline.processing.kernels.mask_steps import agree, follow
from eyeline.processing.kernels.warm_up import warm_up
from eyeline.processing.light_wrap import LightWrap
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import matte_of
from eyeline.processing.temporal import ChangeGatedFilter


def test_a_frame_compiles_nothing_even_one_that_cannot_be_written():
    warm_up()
    kernels = agree, follow, local_lines, box_means, full_matte, blend_planes, lay_light
    before = [len(kernel.signatures) for kernel in kernels]
    raw = np.zeros((180, 320), np.float32)
    raw[50:, 100:200] = 1
    calm, finding = ChangeGatedFilter(), Finding.of(raw)
    for writable in (True, False):
        calm.update(finding.applied(raw).mask)
        mask = calm.update(finding.applied(raw).mask)
        image, back = I420Image.filled(640, 360, (90, 100, 120)), I420Image.filled(640, 360, (200, 128, 128))
        for array in (image.data, back.data, mask):
            array.setflags(write=writable)
        matte = matte_of(image, Pyramid(image), mask)
        assert matte.plane.any()
        lit = blend(back, matte)
        LightWrap().lay_on(lit, back, matte, mask, 100)
    assert [len(kernel.signatures) for kernel in kernels] == before


def test_arguments_of_another_kind_are_refused():
    warm_up()
    with pytest.raises(TypeError):
        box_means(np.zeros((4, 4, 4)), 1, np.zeros((4, 4, 4)))


def test_preparing_effects_leaves_nothing_to_compile_in_the_first_frame():
    script = (
        "from picture_lab import StillRuntime, captured, half_person\n"
        "from eyeline.processing.effects import BlurBackground, EffectState, NoBackground\n"
        "from eyeline.processing.frame import I420Image\n"
        "from eyeline.processing.gallery import Gallery\n"
        "from eyeline.processing.kernels.band_blend import blend_planes\n"
        "from eyeline.processing.mask import PersonMask\n"
        "from eyeline.processing.picture import Picture\n"
        "picture = Picture(lambda: PersonMask(StillRuntime(half_person())), Gallery())\n"
        "picture.prepare(EffectState(NoBackground()))\n"
        "print(len(blend_planes.signatures))\n"
        "picture.apply(picture.prepare(EffectState(BlurBackground())))\n"
        "print(len(blend_planes.signatures))\n"
        "picture.process(captured(I420Image.filled(64, 36, (90, 128, 128))))\n"
        "print(len(blend_planes.signatures))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=200)
    assert done.stdout.split() == ["0", "1", "1"], done.stderr


@pytest.mark.parametrize("kept", [True, False])
def test_code_is_kept_where_the_user_may_write_and_else_goes_without(tmp_path: Path, kept: bool):
    folder = tmp_path / "kept"
    if kept:
        folder.mkdir()
    else:
        folder.write_text("not a folder")  # so that not even root can keep code there
    script = (
        "import numpy as np\n"
        "from eyeline.processing.kernels.band_blend import _mixed\n"
        "print(_mixed(np.uint8(200), np.uint8(100), np.int32(51)))\n"
    )
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(folder),
        "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=200)
    assert done.stdout.strip() == "120", done.stderr
    assert folder.is_dir() == kept
    if kept:
        assert list(folder.rglob("*.nbi"))
