"""The nets, ready to run: weights from the store, fetched at first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from eyeline.config.schema import ModelsSettings, Settings, VideoSettings
from eyeline.models.progress import ReportProgress, no_progress
from eyeline.models.registry import SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE
from eyeline.models.runtimes import Runtime, RuntimeChoice, RuntimeKind, load_runtime
from eyeline.models.store import ModelStore
from eyeline.processing.gaze.correction import GazeCorrection, OpenGaze
from eyeline.processing.gaze.face_nets import FACE_NETS, FaceNets
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.warpers import WarperKind, open_warper
from eyeline.processing.mask import PersonMask
from eyeline.processing.person_nets import NetsChoice
from eyeline.processing.tiers import Tier
from eyeline.processing.worker.spec import PictureSpec


@dataclass(frozen=True, slots=True)
class MaskWeights:
    """Files of the two nets that find a person, and how to run them."""

    finder: Path
    closeup: Path
    nets: NetsChoice = field(default_factory=NetsChoice)

    def load_finder(self) -> Runtime:
        """The net that sees whole frames."""
        return load_runtime(self.finder, self.nets.runtime)

    def load_closeup(self) -> Runtime:
        """The net that sees the person."""
        return self.nets.closeup(self.closeup)

    def person(self) -> PersonMask:
        """Both, for one stream."""
        return self.nets.open(self.finder, self.closeup)


def fetch_weights(settings: ModelsSettings, report: ReportProgress = no_progress) -> MaskWeights:
    """Have the weights at hand, fetching what is missing. Blocks.

    Args:
        settings: Where weights are kept and whether the network may be used.
        report: Told how far a download is.

    Raises:
        ModelError: The weights cannot be had.
    """
    names = [SELFIE_SEGMENTATION_LANDSCAPE.name, SELFIE_SEGMENTATION.name]
    finder, closeup = ModelStore.configured(settings).fetch(names, report)
    return MaskWeights(finder, closeup)


def chosen_weights(settings: Settings, report: ReportProgress = no_progress) -> MaskWeights:
    """As `fetch_weights`, to be run as the settings say.

    Raises:
        ModelError: The weights cannot be had.
    """
    return replace(fetch_weights(settings.models, report), nets=nets_choice(settings.video))


def picture_spec(settings: Settings) -> PictureSpec:
    """The recipe of the picture. It fetches nothing: see `fetch_weights`."""
    tier = None if settings.video.tier == "auto" else Tier(settings.video.tier)
    directory = ModelStore.configured(settings.models).directory
    warper = WarperKind(settings.video.gaze_warper)
    return PictureSpec(directory, settings.backgrounds.directory, tier, nets_choice(settings.video), warper=warper)


def nets_choice(settings: VideoSettings) -> NetsChoice:
    """How the nets are to be run."""
    return NetsChoice(RuntimeChoice(RuntimeKind(settings.runtime), settings.device), settings.mask_model)


def mask_opener(settings: Settings, report: ReportProgress = no_progress) -> Callable[[], PersonMask]:
    """What `Picture` calls when effects first need the nets. The call blocks, and fetches what is missing."""

    def opened() -> PersonMask:
        return chosen_weights(settings, report).person()

    return opened


def fetch_face_weights(settings: ModelsSettings, report: ReportProgress = no_progress) -> tuple[Path, Path, Path]:
    """Have the weights of the face tracker at hand, as `fetch_weights` does: detector, mesh and iris.

    Raises:
        ModelError: The weights cannot be had.
    """
    detector, mesh, iris = ModelStore.configured(settings).fetch(FACE_NETS, report)
    return detector, mesh, iris


def face_tracker(settings: Settings, report: ReportProgress = no_progress) -> FaceTracker:
    """A face tracker with its nets. Blocks, and fetches what is missing.

    Raises:
        ModelError: The weights cannot be had or not be run.
    """
    detector, mesh, iris = fetch_face_weights(settings.models, report)
    return FaceTracker(FaceNets.load(detector, mesh, iris, nets_choice(settings.video).runtime))


def gaze_opener(settings: Settings, report: ReportProgress = no_progress) -> OpenGaze:
    """What `Picture` calls when effects first correct the gaze. The call blocks, and fetches what is missing."""

    def opened() -> GazeCorrection:
        return GazeCorrection(face_tracker(settings, report), open_warper(WarperKind(settings.video.gaze_warper)))

    return opened
