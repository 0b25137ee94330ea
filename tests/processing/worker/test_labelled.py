"""Frames know which effects they were made with."""

from __future__ import annotations

import pytest
from worker_lab import LabSpec, effects, lab_frame

from eyeline.processing.errors import PictureError
from eyeline.processing.frame import ProcessedFrame
from eyeline.processing.worker.labelled import LabelledPicture

BLACK, WHITE = effects("color:#000000"), effects("color:#ffffff")


def test_a_frame_whose_effects_changed_meanwhile_has_no_label() -> None:
    with LabSpec()() as picture:
        labelled = LabelledPicture(picture)
        with pytest.raises(PictureError):
            labelled.process(lab_frame())
        labelled.apply(picture.prepare(BLACK), 7)
        made, generation = labelled.process(lab_frame())
        assert (type(made), generation) == (ProcessedFrame, 7)

        whole = picture.process

        def interrupted(frame):
            done = whole(frame)
            labelled.apply(picture.prepare(WHITE), 8)
            return done

        picture.process = interrupted
        assert labelled.process(lab_frame()) is None
