"""What the picture is compared with: the ways in which others do it, written as well as they allow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.models.runtimes.base import Runtime
from eyeline.processing.frame import I420Image, Plane

Mask = NDArray[np.float32]

_JITSI_PAST_SHARE = 0.75
_JITSI_ROOM, _JITSI_PERSON = 0.48, 0.65
_JITSI_BLUR_PX = 5.0  # sigma, in a frame of 720 rows
_STREAMIX_THRESHOLD = 0.75
_RGB_THRESHOLD = 0.5
_RGB_BLUR_PX = 10


class RawMask:
    """The net's own mask of the whole frame, enlarged: no method at all.

    Args:
        net: Takes `(1, rows, columns, 3)` RGB in [0, 1].
    """

    def __init__(self, net: Runtime) -> None:
        self._net = net
        _, self._rows, self._columns, _ = net.input_shape

    def mask(self, bgr: Plane) -> Mask:
        """Probability of person, as large as the net."""
        small = cv2.resize(bgr, (self._columns, self._rows), interpolation=cv2.INTER_LINEAR)
        tensor = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / np.float32(255)
        return np.clip(self._net.run(tensor[None]).reshape(self._rows, self._columns), 0, 1)

    def matte(self, image: I420Image) -> Mask:
        """Of a frame, 0 to 1."""
        mask = cv2.resize(self.mask(image.to_bgr()), image.size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(mask, np.float32)


class JitsiRecipe:
    """What Jitsi Meet's own effect does in the browser: the same net, a heavy average, a blur and a steep ramp.

    Without its last step, which takes the unaveraged mask at strong edges of luma.

    Args:
        net: The landscape net.
    """

    def __init__(self, net: Runtime) -> None:
        self._raw = RawMask(net)
        self._state: Mask | None = None
        levels = (np.arange(256) / 255 - _JITSI_ROOM) / (_JITSI_PERSON - _JITSI_ROOM)
        ramp = np.clip(levels, 0, 1)
        self._ramp = np.rint(ramp**2 * (3 - 2 * ramp) * 255).astype(np.uint8)

    def plane(self, image: I420Image) -> Plane:
        """The matte of the next frame of a stream, 0 to 255."""
        mask = self._raw.mask(image.to_bgr())
        past = mask if self._state is None else self._state
        self._state = past * np.float32(_JITSI_PAST_SHARE) + mask * np.float32(1 - _JITSI_PAST_SHARE)
        large = cv2.resize(np.rint(self._state * 255).astype(np.uint8), image.size, interpolation=cv2.INTER_LINEAR)
        blurred = cv2.GaussianBlur(large, (0, 0), _JITSI_BLUR_PX * image.height_px / 720)
        return np.asarray(cv2.LUT(blurred, self._ramp), np.uint8)

    def matte(self, image: I420Image) -> Mask:
        """As `plane`, 0 to 1."""
        return self.plane(image).astype(np.float32) / np.float32(255)


class StreamixRecipe:
    """What Streamix does with its network: the whole frame, squeezed, and a hard threshold.

    Args:
        net: Takes `(1, rows, columns, 3)` RGB in [0, 1].
        threshold: What counts as the person; `None` keeps the network's own soft opacity.
    """

    def __init__(self, net: Runtime, *, threshold: float | None = _STREAMIX_THRESHOLD) -> None:
        self._net = net
        self._threshold = threshold
        _, self._rows, self._columns, _ = net.input_shape

    def matte(self, image: I420Image) -> Mask:
        """Of a frame, 0 to 1."""
        small = cv2.resize(image.to_bgr(), (self._columns, self._rows), interpolation=cv2.INTER_CUBIC)
        tensor = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / np.float32(255)
        mask = self._net.run(tensor[None]).reshape(self._rows, self._columns)
        large = np.asarray(cv2.resize(mask, image.size, interpolation=cv2.INTER_CUBIC), np.float32)
        if self._threshold is not None:
            return (large >= self._threshold).astype(np.float32)
        return np.clip(large, 0, 1)


class JitsiPicture:
    """Jitsi's recipe before a background, blended on the planes as they are.

    Args:
        net: The landscape net.
        background: Of the frames' size.
    """

    def __init__(self, net: Runtime, background: I420Image) -> None:
        self._recipe = JitsiRecipe(net)
        self._background = background

    def process(self, image: I420Image) -> I420Image:
        """The picture of the next frame of a stream."""
        alpha = self._recipe.plane(image)
        half = np.asarray(cv2.resize(alpha, image.u.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        result = I420Image.empty(*image.size)
        for front, behind, share, target in zip(
            image.planes, self._background.planes, (alpha, half, half), result.planes, strict=True
        ):
            weight = share.astype(np.float32) * np.float32(1 / 255)
            cv2.blendLinear(front, behind, weight, 1 - weight, target)
        return result


class RgbPicture:
    """Frame by frame in RGB and floating point, in the manner of common webcam programs.

    Args:
        net: The landscape net.
        background: Of the frames' size.
    """

    def __init__(self, net: Runtime, background: I420Image) -> None:
        self._raw = RawMask(net)
        self._background = background.to_bgr()

    def process(self, image: I420Image) -> I420Image:
        """The picture of a frame."""
        bgr = image.to_bgr()
        person = (cv2.resize(self._raw.mask(bgr), image.size) > _RGB_THRESHOLD).astype(np.float32)
        mask = cv2.blur(cv2.dilate(person, np.ones((5, 5), np.uint8)), (_RGB_BLUR_PX, _RGB_BLUR_PX))[..., None]
        return I420Image.from_bgr((bgr * mask + self._background * (1 - mask)).astype(np.uint8))
