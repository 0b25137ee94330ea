"""The two rings of a worker are not mixed up."""

from __future__ import annotations

import pytest
from worker_lab import lab_frame

from eyeline.processing.byte_ring import RingError
from eyeline.processing.frame import ProcessedFrame
from eyeline.processing.worker.rings import ProcessedRing, RawRing


def test_a_raw_frame_does_not_get_into_the_processed_ring() -> None:
    frame = lab_frame()
    size = frame.image.data.size
    with RawRing.create(size) as raw, ProcessedRing.create(size) as processed:
        with pytest.raises(TypeError):
            processed.write(1, 1, frame)
        for kind, address in ((ProcessedRing, raw.address), (RawRing, processed.address)):
            with pytest.raises(RingError):
                kind.attach(address)
        raw.write(1, frame)
        assert raw.read_newest(0).frame.captured_at_s == frame.captured_at_s
        processed.write(1, 5, ProcessedFrame(frame.image, 2.0))
        made = processed.read_newest(0)
        assert (type(made.frame), made.generation, made.frame.captured_at_s) == (ProcessedFrame, 5, 2.0)
