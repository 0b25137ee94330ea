"""The C interface of x264: structures, functions, and whether a library is what it seems.

The structures are those of `x264.h`, the same in builds 164 and 165. Settings are made by name (`x264_param_parse`), so
that only what has no name there has to be known by its place.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_int64, c_uint8, c_uint32, c_void_p
from typing import Any, Final

from eyeline.processing.rtc.errors import EncoderError

_BUILDS: Final = (165, 164)
_BEYOND_BYTES: Final = 2048
_KNOWN_DEFAULTS: Final = {
    "i_threads": 0,
    "b_deterministic": 1,
    "i_width": 0,
    "i_height": 0,
    "i_csp": 2,
    "i_bitdepth": 8,
    "i_level_idc": -1,
    "i_frame_reference": 3,
    "i_keyint_max": 250,
    "i_scenecut_threshold": 40,
    "i_log_level": 2,
    "i_me_range": 16,
    "i_mv_range": -1,
    "i_subpel_refine": 7,
    "b_mb_info": 0,
    "b_mb_info_update": 0,
    "i_luma_deadzone_inter": 21,
    "i_luma_deadzone_intra": 11,
    "b_psnr": 0,
    "i_qp_step": 4,
    "i_bitrate": 0,
    "f_rf_constant": 23.0,
}


def _ints(names: str) -> tuple[tuple[str, Any], ...]:
    return tuple((name, c_int) for name in names.split())


class X264Parameters(ctypes.Structure):
    """`x264_param_t` up to the target rate, where pointers have 64 bits.

    Of its inner structures only `rc` needs to be aligned otherwise than its first member.
    """

    _fields_ = (
        ("cpu", c_uint32),
        *_ints("i_threads i_lookahead_threads b_sliced_threads b_deterministic b_cpu_independent i_sync_lookahead"),
        *_ints("i_width i_height i_csp i_bitdepth i_level_idc i_frame_total i_nal_hrd"),
        *_ints("i_sar_height i_sar_width i_overscan i_vidformat b_fullrange i_colorprim i_transfer i_colmatrix"),
        *_ints("i_chroma_loc i_frame_reference i_dpb_size i_keyint_max i_keyint_min i_scenecut_threshold"),
        *_ints("b_intra_refresh i_bframe i_bframe_adaptive i_bframe_bias i_bframe_pyramid b_open_gop"),
        *_ints("b_bluray_compat i_avcintra_class i_avcintra_flavor b_deblocking_filter"),
        *_ints("i_deblocking_filter_alphac0 i_deblocking_filter_beta b_cabac i_cabac_init_idc b_interlaced"),
        *_ints("b_constrained_intra i_cqm_preset"),
        ("psz_cqm_file", c_void_p),
        ("cqm", c_uint8 * (4 * 16 + 4 * 64)),
        ("pf_log", c_void_p),
        ("p_log_private", c_void_p),
        *_ints("i_log_level b_full_recon"),
        ("psz_dump_yuv", c_void_p),
        *_ints("intra inter b_transform_8x8 i_weighted_pred b_weighted_bipred i_direct_mv_pred i_chroma_qp_offset"),
        *_ints("i_me_method i_me_range i_mv_range i_mv_range_thread i_subpel_refine b_chroma_me b_mixed_references"),
        *_ints("i_trellis b_fast_pskip b_dct_decimate i_noise_reduction"),
        ("f_psy_rd", c_float),
        ("f_psy_trellis", c_float),
        *_ints("b_psy b_mb_info b_mb_info_update i_luma_deadzone_inter i_luma_deadzone_intra b_psnr b_ssim"),
        ("before_rc", c_int),
        *_ints("i_rc_method i_qp_constant i_qp_min i_qp_max i_qp_step i_bitrate"),
        ("f_rf_constant", c_float),
        ("beyond", c_uint8 * _BEYOND_BYTES),
    )


class X264Picture(ctypes.Structure):
    """`x264_picture_t`."""

    _fields_ = (
        *_ints("i_type i_qpplus1 i_pic_struct b_keyframe"),
        ("i_pts", c_int64),
        ("i_dts", c_int64),
        ("param", c_void_p),
        *_ints("i_csp i_plane"),
        ("i_stride", c_int * 4),
        ("plane", c_void_p * 4),
        ("quant_offsets", c_void_p),
        ("quant_offsets_free", c_void_p),
        ("mb_info", c_void_p),
        ("mb_info_free", c_void_p),
        ("f_quality", c_double * 6),
        ("beyond", c_uint8 * _BEYOND_BYTES),
    )


class X264Nal(ctypes.Structure):
    """`x264_nal_t`."""

    _fields_ = (
        *_ints("i_ref_idc i_type b_long_startcode i_first_mb i_last_mb i_payload"),
        ("p_payload", c_void_p),
        ("i_padding", c_int),
    )


class Libx264:
    """A loaded library.

    Raises:
        OSError: It cannot be loaded.
        AttributeError: It lacks a function.
        EncoderError: It is of a build that is not known, or its defaults are not what they should be.
    """

    def __init__(self, name: str) -> None:
        library = ctypes.CDLL(name)
        opening = next((f"x264_encoder_open_{build}" for build in _BUILDS if _has(library, build)), None)
        if opening is None:
            raise EncoderError("This x264 is not of a build that is known.")
        self._default = _function(library.x264_param_default, None, POINTER(X264Parameters))
        self._default_preset = _function(
            library.x264_param_default_preset, c_int, POINTER(X264Parameters), c_char_p, c_char_p
        )
        self._parse = _function(library.x264_param_parse, c_int, POINTER(X264Parameters), c_char_p, c_char_p)
        self._profile = _function(library.x264_param_apply_profile, c_int, POINTER(X264Parameters), c_char_p)
        self.picture_init = _function(library.x264_picture_init, None, POINTER(X264Picture))
        self.open = _function(getattr(library, opening), c_void_p, POINTER(X264Parameters))
        self.reconfigure = _function(library.x264_encoder_reconfig, c_int, c_void_p, POINTER(X264Parameters))
        self.encode = _function(
            library.x264_encoder_encode,
            c_int,
            c_void_p,
            POINTER(POINTER(X264Nal)),
            POINTER(c_int),
            POINTER(X264Picture),
            POINTER(X264Picture),
        )
        self.close = _function(library.x264_encoder_close, None, c_void_p)
        self._check_defaults()

    def preset(self, preset: str, tune: str) -> X264Parameters:
        """Settings to begin with.

        Raises:
            EncoderError: x264 does not know them.
        """
        parameters = X264Parameters()
        if self._default_preset(parameters, preset.encode(), tune.encode()):
            raise EncoderError(f"x264 does not know the preset {preset} with {tune}.")
        return parameters

    def set(self, parameters: X264Parameters, name: str, value: str) -> None:
        """Change a setting.

        Raises:
            EncoderError: x264 does not know it.
        """
        if self._parse(parameters, name.encode(), value.encode()):
            raise EncoderError(f"x264 does not take {name}={value}.")

    def keep_to(self, parameters: X264Parameters, profile: str) -> None:
        """Take back what a profile of H.264 has not.

        Raises:
            EncoderError: x264 does not know it.
        """
        if self._profile(parameters, profile.encode()):
            raise EncoderError(f"x264 cannot be kept to the profile {profile}.")

    def _check_defaults(self) -> None:
        parameters = X264Parameters()
        self._default(parameters)
        found = {name: getattr(parameters, name) for name in _KNOWN_DEFAULTS}
        if found != _KNOWN_DEFAULTS or any(parameters.beyond[_BEYOND_BYTES // 2 :]):
            raise EncoderError("The settings of this x264 do not lie where they should.")


def _has(library: ctypes.CDLL, build: int) -> bool:
    return hasattr(library, f"x264_encoder_open_{build}")


def _function(function: Any, returns: Any, *takes: Any) -> Any:
    function.restype, function.argtypes = returns, takes
    return function
