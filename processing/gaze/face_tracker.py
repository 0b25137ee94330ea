"""The owner's face and eyes from frame to frame: the detector only where there is nothing to follow."""

from __future__ import annotations

import math

import numpy as np

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, GazeEstimate
from eyeline.processing.gaze.face_nets import FaceNets, FoundFace
from eyeline.processing.gaze.head import (
    LEFT_INNER,
    LEFT_OUTER,
    RIGHT_INNER,
    RIGHT_OUTER,
    HeadPose,
    region_around,
)
from eyeline.processing.gaze.one_euro import OneEuro
from eyeline.processing.gaze.region import Points, Region
from eyeline.processing.gaze.visibility import EyeWatch
from eyeline.processing.kernels.face_geometry import opening_px

CENTRE_OFFSET_MM = np.array([0.0, -1.8, 6.0], np.float32)
"""From the middle between the corners of an eye to that of the eyeball, in the head's axes."""

_SURELY_FACE = 0.5
_EYE_ROOM = 2.3
_LOOK_AROUND_S = 2.0  # for somebody who is nearer than the one who is followed
_CLEARLY_NEARER = 1.5
_LONGEST_GAP_S = 0.5  # between frames; after more, nothing is as it was


class FaceTracker:
    """One stream's; used by one thread.

    Args:
        nets: It owns them.
    """

    def __init__(self, nets: FaceNets) -> None:
        self._nets = nets
        self._region: Region | None = None
        self._last_s: float | None = None
        self._looked_around_s = 0.0
        self._search = 0
        self._eyes = (_EyeTrack(mirrored=False), _EyeTrack(mirrored=True))

    def update(self, image: I420Image, at_s: float) -> GazeEstimate | None:
        """The owner's face in the next frame; `None` where there is none.

        Args:
            image: The frame.
            at_s: When it was captured, on any steady clock.

        Raises:
            ModelError: A net failed. What was remembered is forgotten.
        """
        passed_s = at_s - self._last_s if self._last_s is not None else 0.0
        self._last_s = at_s
        if not 0 <= passed_s <= _LONGEST_GAP_S:
            self.reset()
        try:
            return self._followed(image, at_s, passed_s)
        except Exception:
            self.reset()
            raise

    def reset(self) -> None:
        """Forget the frames before."""
        self._region = None
        for eye in self._eyes:
            eye.reset()

    def close(self) -> None:
        """Free the nets."""
        self._nets.close()

    def _followed(self, image: I420Image, at_s: float, passed_s: float) -> GazeEstimate | None:
        self._look_around(image, at_s)
        if self._region is None:
            self._lose(passed_s)
            return None
        mesh, confidence = self._nets.mesh(image, self._region)
        head = HeadPose.of(mesh)
        if confidence < _SURELY_FACE or head.px_per_mm <= 0:
            self._lose(passed_s)
            return None
        self._region = region_around(mesh, head.roll)
        right, left = (
            track.update(self._nets, image, mesh[list(corners)], head, passed_s)
            for track, corners in zip(self._eyes, ((RIGHT_OUTER, RIGHT_INNER), (LEFT_OUTER, LEFT_INNER)), strict=True)
        )
        return GazeEstimate(at_s, head, right, left, mesh, confidence)

    def _lose(self, passed_s: float) -> None:
        """The face is gone, perhaps behind a hand: how it looked before is remembered for a while."""
        self._region = None
        for eye in self._eyes:
            eye.lose(passed_s)

    def _look_around(self, image: I420Image, at_s: float) -> None:
        """Find the owner, or somebody who sits nearer than whom we follow."""
        following = self._region
        if following is not None and at_s - self._looked_around_s < _LOOK_AROUND_S:
            return
        self._looked_around_s = at_s
        part = self._part(image) if following is None else _whole(image)
        found = self._nets.detect(image, part)
        if not found:
            return
        owner = max(found, key=lambda face: _nearness(face, image))
        if following is None:
            self._region = owner.region
        elif _nearness(owner, image) > _CLEARLY_NEARER * _nearness(FoundFace(1.0, following), image):
            self.reset()
            self._region = owner.region

    def _part(self, image: I420Image) -> Region:
        """The whole frame, and in turn with it squares of it, in which small faces are large enough to be found."""
        self._search = (self._search + 1) % 4
        width_px, height_px = image.size
        if self._search == 1 or width_px == height_px:
            return _whole(image)
        share = {2: 0.5, 3: 0.2, 0: 0.8}[self._search]
        side_px = min(width_px, height_px)
        return Region(
            side_px / 2 + (width_px - side_px) * (share if width_px > height_px else 0.5),
            side_px / 2 + (height_px - side_px) * (share if height_px > width_px else 0.5),
            side_px,
        )


class _EyeTrack:
    """What is remembered of one eye."""

    def __init__(self, *, mirrored: bool) -> None:
        self._mirrored = mirrored
        self._watch = EyeWatch()
        self._offset_mm = OneEuro(rest_hz=0.7, per_speed=0.1)
        self._radius = OneEuro(rest_hz=0.5, per_speed=0.0)

    def reset(self) -> None:
        self._watch.reset()
        self._offset_mm.reset()
        self._radius.reset()

    def lose(self, passed_s: float) -> None:
        self._watch.miss(passed_s)
        self._offset_mm.reset()
        self._radius.reset()

    def update(self, nets: FaceNets, image: I420Image, corners: Points, head: HeadPose, passed_s: float) -> Eye:
        (ax, ay, _), (bx, by, _) = corners.tolist()
        middle = np.array(((ax + bx) / 2, (ay + by) / 2), np.float32)
        width_px = math.hypot(ax - bx, ay - by)
        region = Region((ax + bx) / 2, (ay + by) / 2, _EYE_ROOM * width_px, head.roll, self._mirrored)
        seen = nets.eye(image, region)
        visibility = self._watch.look(seen.patch, seen.upper, seen.lower, seen.iris, passed_s)
        points = seen.in_frame
        # The corners of both nets are seen in this very frame; only how they differ, and what turns with the head, is
        # calmed. A filter on the place itself would lag behind a head that moves, and its lag would pass for a gaze.
        anchor = (points.lower[0] + points.lower[-1]) / 2
        px_per_mm = np.float32(head.px_per_mm)
        offset_mm = (middle + head.in_picture(CENTRE_OFFSET_MM) - anchor) / px_per_mm
        centre = anchor + self._offset_mm.follow(offset_mm, passed_s) * px_per_mm
        (x, y), *edge = points.iris.tolist()
        radius = np.array([sum(math.hypot(a - x, b - y) for a, b in edge) / 4], np.float32)
        return Eye(
            points=points,
            centre_px=centre,
            radius_px=float(self._radius.follow(radius, passed_s)[0]),
            openness=opening_px(points.upper, points.lower) / max(width_px, 1e-6),
            visibility=visibility,
        )


def _whole(image: I420Image) -> Region:
    return Region(image.width_px / 2, image.height_px / 2, float(max(image.size)))


def _nearness(face: FoundFace, image: I420Image) -> float:
    """Large and in the middle."""
    aside = math.hypot(
        (face.region.x_px - image.width_px / 2) / image.width_px,
        (face.region.y_px - image.height_px / 2) / image.height_px,
    )
    return face.region.side_px * (1 - min(0.8, aside))
