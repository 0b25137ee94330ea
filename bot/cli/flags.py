"""Flags that several commands share, and how they become settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from eyeline.config.logs import configure_logging
from eyeline.config.settings import LoadedSettings, load_settings

_STUDIO = Group("Camera and picture", sort_key=1)
_NETS = Group("Networks", sort_key=2)
_GENERAL = Group("General", sort_key=3)

NetRuntime = Annotated[
    Literal["auto", "litert", "torch", "onnx"] | None,
    Parameter(group=_NETS, help="What runs the networks; torch and onnx are extras of the installation."),
]
NetDevice = Annotated[str | None, Parameter(group=_NETS, help="Where torch runs them: cpu, cuda, cuda:1 or mps.")]
MaskModel = Annotated[
    Path | None,
    Parameter(group=_NETS, help="Weights of Streamix's network (only_params.pth), to find the person's edge with."),
]

GazeWarper = Annotated[
    Literal["geometric", "learned"] | None,
    Parameter(group=_NETS, help="What turns the eyes where the gaze is corrected."),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFlags:
    """What is done to the picture besides the background; whatever is not given comes from the settings."""

    mirror: Annotated[bool | None, Parameter(group=_STUDIO, help="Change left and right, as in a mirror.")] = None
    framing: Annotated[
        str | None, Parameter(group=_STUDIO, help="off, auto, crop:X,Y,W,H or auto:X,Y,W,H, in percent of the picture.")
    ] = None
    exposure: Annotated[
        Literal["off", "lift"] | None, Parameter(group=_STUDIO, help="lift brightens a person who sits in the dark.")
    ] = None
    people: Annotated[
        Literal["everyone", "nearest"] | None, Parameter(group=_STUDIO, help="Who stays in the picture.")
    ] = None
    gaze: Annotated[
        str | None,
        Parameter(group=_STUDIO, help="Eye contact: off, natural, teleprompter, natural:0-100, or 0-100."),
    ] = None
    light_wrap: Annotated[
        int | None, Parameter(group=_STUDIO, help="Light of the background on the person's edge, 0 to 100.")
    ] = None

    def of_effects(self) -> dict[str, object]:
        """These flags by setting; `None` means not given."""
        return {
            "effects.mirror": self.mirror,
            "effects.framing": self.framing,
            "effects.exposure": self.exposure,
            "effects.people": self.people,
            "effects.gaze": self.gaze,
            "effects.light_wrap": self.light_wrap,
        }


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class StudioFlags(EffectFlags):
    """What to show and how; whatever is not given comes from the settings."""

    source: Annotated[
        str | None,
        Parameter(
            group=_STUDIO, help="camera, camera:N, browser, pattern, a video or picture file, or an RTSP or HTTP URL."
        ),
    ] = None
    audio: Annotated[
        str | None, Parameter(group=_STUDIO, help="silence, microphone, microphone:NAME, browser, or a sound file.")
    ] = None
    background: Annotated[
        str | None,
        Parameter(
            group=_STUDIO,
            help="none, blur, blur:0-100, color:#rrggbb, gradient:#rrggbb,#rrggbb, a file, a name of the gallery, an "
            "RTSP or HTTP URL, or screen; fit:... or focus:X,Y:... before these places them.",
        ),
    ] = None
    width: Annotated[int | None, Parameter(group=_STUDIO, help="Largest width of the picture, in pixels.")] = None
    height: Annotated[int | None, Parameter(group=_STUDIO, help="Largest height of the picture, in pixels.")] = None
    fps: Annotated[int | None, Parameter(group=_STUDIO, help="Frames a second to ask a camera for.")] = None
    name: Annotated[str | None, Parameter(group=_STUDIO, help="Display name, also on the still card.")] = None
    runtime: NetRuntime = None
    device: NetDevice = None
    mask_model: MaskModel = None
    gaze_warper: GazeWarper = None
    offline: Annotated[
        bool | None, Parameter(group=_GENERAL, negative="", help="Do not fetch weights, whatever is missing.")
    ] = None
    config: Annotated[Path | None, Parameter(group=_GENERAL, help="Settings file instead of ./eyeline.toml.")] = None
    log_level: Annotated[str | None, Parameter(group=_GENERAL, help="debug, info, warning or error.")] = None

    def load(self, **more: object) -> LoadedSettings:
        """Settings with these flags on top, and logging set up by them.

        Args:
            more: Further flags by setting, with `__` for the dot; `None` means not given.

        Raises:
            SettingsError: A setting is unknown or not allowed.
        """
        flags: dict[str, object] = {
            "video.source": self.source,
            "video.width_px": self.width,
            "video.height_px": self.height,
            "video.fps": self.fps,
            "audio.source": self.audio,
            "effects.background": self.background,
            **self.of_effects(),
            "video.runtime": self.runtime,
            "video.device": self.device,
            "video.mask_model": self.mask_model,
            "video.gaze_warper": self.gaze_warper,
            "meeting.name": self.name,
            "models.offline": self.offline,
            "log.level": self.log_level,
            **{key.replace("__", "."): value for key, value in more.items()},
        }
        loaded = load_settings(flags, project_file=self.config)
        configure_logging(loaded.settings.log.level)
        return loaded
