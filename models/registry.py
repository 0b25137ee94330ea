"""Every network that Eyeline can run: where its weights come from, what they must hash to, what goes in and out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from eyeline.models.errors import UnknownModelError


@dataclass(frozen=True, slots=True)
class Wheel:
    """A Python wheel that carries weights; it is only unpacked, never installed.

    One platform's wheel is named, whatever this machine is: the weights in all of them are the same.

    Args:
        project: Name of the project on the package index.
        version: Its exact version.
        python: The Python version that the wheel is made for.
        platform: The platform tag that the wheel is made for.
        sha256: Of the file, lower-case hex.
        size_bytes: For progress.
    """

    project: str
    version: str
    python: str
    platform: str
    sha256: str
    size_bytes: int

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class WheelMember:
    """One file inside a wheel."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One network.

    Args:
        name: What people and code call it.
        file_name: Its file in the model directory.
        sha256: Of the file, lower-case hex.
        size_bytes: Of the file.
        licence: SPDX identifier.
        licence_note: Who gave the licence, and where it says so.
        input_shape: NHWC; RGB.
        input_range: The float32 values that the network was trained with.
        output: What comes out: shape and meaning.
        origin: Where the file comes from.
    """

    name: str
    file_name: str
    sha256: str
    size_bytes: int
    licence: str
    licence_note: str
    input_shape: tuple[int, int, int, int]
    input_range: tuple[float, float]
    output: str
    origin: WheelMember


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedModel:
    """One network of our own, whose weights are part of the package; its card lies beside them.

    Args:
        name: What people and code call it.
        file_name: Its file in the package `eyeline.models`, with a slash where there is a folder.
        sha256: Of the file, lower-case hex.
        size_bytes: Of the file.
        licence: SPDX identifier.
        licence_note: Who gave the licence.
        input_shape: NHWC.
        output: What comes out: shape and meaning.
        made_by: The module that makes the weights anew.
    """

    name: str
    file_name: str
    sha256: str
    size_bytes: int
    licence: str
    licence_note: str
    input_shape: tuple[int, int, int, int]
    output: str
    made_by: str


EYE_FLOW = ShippedModel(
    name="eye-flow",
    file_name="eye_flow/eye_flow.tflite",
    sha256="2e30eb6485ae3b01b155753daac7a726249c6399c98a8998bfaadeae9ee15405",
    size_bytes=268_224,
    licence="Apache-2.0",
    licence_note="Eyeline's own, trained on drawn eyes alone.",
    input_shape=(2, 24, 32, 14),
    output="(2, 24, 32, 13): for two eyes, where pixels come from, their light, and what stays; see nets/eye_patch.py",
    made_by="eyeline.models.training.gaze",
)

SHIPPED_MODELS = {entry.name: entry for entry in (EYE_FLOW,)}

_MEDIAPIPE = Wheel(
    "mediapipe",
    "0.10.21",
    python="3.12",
    platform="manylinux_2_28_x86_64",
    sha256="956eb1ebc275c629e61b085b2cab89c3a5b9e93bad1bb107348d98dafb5a4bb5",
    size_bytes=35_627_340,
)
_MEDIAPIPE_LICENCE = "MediaPipe, © The MediaPipe Authors; the licence text of the wheel is kept beside the weights."
_SELFIE_FOLDER = "mediapipe/modules/selfie_segmentation"

SELFIE_SEGMENTATION = ModelEntry(
    name="selfie-segmentation",
    file_name="selfie_segmentation.tflite",
    sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    size_bytes=249_505,
    licence="Apache-2.0",
    licence_note=_MEDIAPIPE_LICENCE,
    input_shape=(1, 256, 256, 3),
    input_range=(0.0, 1.0),
    output="(1, 256, 256, 1): how surely each pixel is a person, 0..1",
    origin=WheelMember(_MEDIAPIPE, f"{_SELFIE_FOLDER}/selfie_segmentation.tflite"),
)

SELFIE_SEGMENTATION_LANDSCAPE = ModelEntry(
    name="selfie-segmentation-landscape",
    file_name="selfie_segmentation_landscape.tflite",
    sha256="a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
    size_bytes=250_145,
    licence="Apache-2.0",
    licence_note=_MEDIAPIPE_LICENCE,
    input_shape=(1, 144, 256, 3),
    input_range=(0.0, 1.0),
    output="(1, 144, 256, 1): how surely each pixel is a person, 0..1",
    origin=WheelMember(_MEDIAPIPE, f"{_SELFIE_FOLDER}/selfie_segmentation_landscape.tflite"),
)

FACE_DETECTION = ModelEntry(
    name="face-detection",
    file_name="face_detection_short_range.tflite",
    sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    size_bytes=229_714,
    licence="Apache-2.0",
    licence_note=_MEDIAPIPE_LICENCE,
    input_shape=(1, 128, 128, 3),
    input_range=(-1.0, 1.0),
    output="(1, 896, 16): boxes and six points beside their anchors; (1, 896, 1): how surely each is a face, as logits",
    origin=WheelMember(_MEDIAPIPE, "mediapipe/modules/face_detection/face_detection_short_range.tflite"),
)

FACE_LANDMARKS = ModelEntry(
    name="face-landmarks",
    file_name="face_landmark.tflite",
    sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    size_bytes=1_242_398,
    licence="Apache-2.0",
    licence_note=_MEDIAPIPE_LICENCE,
    input_shape=(1, 192, 192, 3),
    input_range=(0.0, 1.0),
    output="(1, 1, 1, 1404): 468 points in 3D, in pixels of the input; (1, 1, 1, 1): that it is a face, as a logit",
    origin=WheelMember(_MEDIAPIPE, "mediapipe/modules/face_landmark/face_landmark.tflite"),
)

IRIS_LANDMARKS = ModelEntry(
    name="iris-landmarks",
    file_name="iris_landmark.tflite",
    sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    size_bytes=2_640_568,
    licence="Apache-2.0",
    licence_note=_MEDIAPIPE_LICENCE,
    input_shape=(1, 64, 64, 3),
    input_range=(0.0, 1.0),
    output="(1, 213): 71 points of lids and brow in 3D; (1, 15): middle and edge of the iris; in pixels of the input",
    origin=WheelMember(_MEDIAPIPE, "mediapipe/modules/iris_landmark/iris_landmark.tflite"),
)

MODELS = {
    entry.name: entry
    for entry in (
        SELFIE_SEGMENTATION,
        SELFIE_SEGMENTATION_LANDSCAPE,
        FACE_DETECTION,
        FACE_LANDMARKS,
        IRIS_LANDMARKS,
    )
}


def find_model(name: str, models: Mapping[str, ModelEntry] = MODELS) -> ModelEntry:
    """The network of that name.

    Raises:
        UnknownModelError: There is none; the hint names similar ones.
    """
    entry = models.get(name)
    if entry is None:
        similar = difflib.get_close_matches(name, models, n=1, cutoff=0.4)
        hint = f"Did you mean {similar[0]}?" if similar else f"There are: {', '.join(models)}."
        raise UnknownModelError(f"There is no model named {name!r}.", hint=hint)
    return entry
