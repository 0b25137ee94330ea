"""The C interface of libvpx's encoders: structures, functions, and whether a library is what it seems.

The structures are those of `vpx/vpx_encoder.h`, `vpx_image.h` and `vpx_codec.h`, the same from libvpx 1.11 to 1.17.
"""

from __future__ import annotations

import ctypes
from ctypes import (
    POINTER,
    c_char_p,
    c_int,
    c_int64,
    c_long,
    c_size_t,
    c_uint,
    c_uint8,
    c_uint32,
    c_ulong,
    c_void_p,
)
from typing import Any, Final

from eyeline.processing.rtc.errors import EncoderError

OK: Final = 0
_ABI_MISMATCH: Final = 3
# what vpx_codec_enc_init_ver wants to hear from programs that were compiled against a version
_ENCODER_ABIS: Final[dict[tuple[int, int], tuple[int, ...]]] = {
    (1, 11): (25,),
    (1, 12): (25,),
    (1, 13): (30,),
    (1, 14): (34,),
    (1, 15): (37, 36),
    (1, 16): (39,),
    (1, 17): (39,),
}

_KNOWN_DEFAULTS: Final = {
    "g_w": 320,
    "g_h": 240,
    "g_input_bit_depth": 8,
    "rc_resize_up_thresh": 60,
    "rc_resize_down_thresh": 30,
    "rc_target_bitrate": 256,
    "rc_min_quantizer": 4,
    "rc_max_quantizer": 63,
    "rc_buf_sz": 6000,
    "rc_buf_initial_sz": 4000,
    "rc_buf_optimal_sz": 5000,
    "kf_max_dist": 128,
    "ss_number_layers": 1,
    "ts_number_layers": 1,
}


class _Rational(ctypes.Structure):
    _fields_ = (("num", c_int), ("den", c_int))


class _Buffer(ctypes.Structure):
    _fields_ = (("buf", c_void_p), ("sz", c_size_t))


class VpxConfig(ctypes.Structure):
    """`vpx_codec_enc_cfg`."""

    _fields_ = (
        ("g_usage", c_uint),
        ("g_threads", c_uint),
        ("g_profile", c_uint),
        ("g_w", c_uint),
        ("g_h", c_uint),
        ("g_bit_depth", c_int),
        ("g_input_bit_depth", c_uint),
        ("g_timebase", _Rational),
        ("g_error_resilient", c_uint32),
        ("g_pass", c_int),
        ("g_lag_in_frames", c_uint),
        ("rc_dropframe_thresh", c_uint),
        ("rc_resize_allowed", c_uint),
        ("rc_scaled_width", c_uint),
        ("rc_scaled_height", c_uint),
        ("rc_resize_up_thresh", c_uint),
        ("rc_resize_down_thresh", c_uint),
        ("rc_end_usage", c_int),
        ("rc_twopass_stats_in", _Buffer),
        ("rc_firstpass_mb_stats_in", _Buffer),
        ("rc_target_bitrate", c_uint),
        ("rc_min_quantizer", c_uint),
        ("rc_max_quantizer", c_uint),
        ("rc_undershoot_pct", c_uint),
        ("rc_overshoot_pct", c_uint),
        ("rc_buf_sz", c_uint),
        ("rc_buf_initial_sz", c_uint),
        ("rc_buf_optimal_sz", c_uint),
        ("rc_2pass_vbr_bias_pct", c_uint),
        ("rc_2pass_vbr_minsection_pct", c_uint),
        ("rc_2pass_vbr_maxsection_pct", c_uint),
        ("rc_2pass_vbr_corpus_complexity", c_uint),
        ("kf_mode", c_int),
        ("kf_min_dist", c_uint),
        ("kf_max_dist", c_uint),
        ("ss_number_layers", c_uint),
        ("ss_enable_auto_alt_ref", c_int * 5),
        ("ss_target_bitrate", c_uint * 5),
        ("ts_number_layers", c_uint),
        ("ts_target_bitrate", c_uint * 5),
        ("ts_rate_decimator", c_uint * 5),
        ("ts_periodicity", c_uint),
        ("ts_layer_id", c_uint * 16),
        ("layer_target_bitrate", c_uint * 12),
        ("temporal_layering_mode", c_int),
        ("use_vizier_rc_params", c_int),
        ("vizier_factors", _Rational * 15),
        ("beyond", c_uint8 * 256),
    )


class VpxImage(ctypes.Structure):
    """`vpx_image`."""

    _fields_ = (
        ("fmt", c_int),
        ("cs", c_int),
        ("range", c_int),
        ("w", c_uint),
        ("h", c_uint),
        ("bit_depth", c_uint),
        ("d_w", c_uint),
        ("d_h", c_uint),
        ("r_w", c_uint),
        ("r_h", c_uint),
        ("x_chroma_shift", c_uint),
        ("y_chroma_shift", c_uint),
        ("planes", c_void_p * 4),
        ("stride", c_int * 4),
        ("bps", c_int),
        ("user_priv", c_void_p),
        ("img_data", c_void_p),
        ("img_data_owner", c_int),
        ("self_allocd", c_int),
        ("fb_priv", c_void_p),
    )


class VpxActiveMap(ctypes.Structure):
    """`vpx_active_map` of `vpx/vp8cx.h`."""

    _fields_ = (("active_map", c_void_p), ("rows", c_uint), ("cols", c_uint))


class VpxContext(ctypes.Structure):
    """`vpx_codec_ctx`."""

    _fields_ = (
        ("name", c_char_p),
        ("iface", c_void_p),
        ("err", c_int),
        ("err_detail", c_char_p),
        ("init_flags", c_long),
        ("config", c_void_p),
        ("priv", c_void_p),
        ("beyond", c_uint8 * 64),
    )


class VpxPacket(ctypes.Structure):
    """`vpx_codec_cx_pkt`, as far as it tells of a coded picture."""

    _fields_ = (
        ("kind", c_int),
        ("buf", c_void_p),
        ("sz", c_size_t),
        ("pts", c_int64),
        ("duration", c_ulong),
        ("flags", c_uint32),
    )


class Libvpx:
    """A loaded library.

    Raises:
        OSError: It cannot be loaded.
        AttributeError: It lacks a function.
        EncoderError: It is of a version that is not known, or its defaults are not what they should be.
    """

    def __init__(self, name: str) -> None:
        library = ctypes.CDLL(name)
        self.version = _version(library)
        self._abis = _ENCODER_ABIS.get(self.version[:2], ())
        if not self._abis:
            raise EncoderError(f"libvpx {'.'.join(map(str, self.version))} is not a version that is known.")
        self._vp8 = _function(library.vpx_codec_vp8_cx, c_void_p)()
        self._defaults = _function(library.vpx_codec_enc_config_default, c_int, c_void_p, POINTER(VpxConfig), c_uint)
        self._init = _function(
            library.vpx_codec_enc_init_ver, c_int, POINTER(VpxContext), c_void_p, POINTER(VpxConfig), c_long, c_int
        )
        self._words = _function(library.vpx_codec_error, c_char_p, POINTER(VpxContext))
        self._detail = _function(library.vpx_codec_error_detail, c_char_p, POINTER(VpxContext))
        self.config_set = _function(library.vpx_codec_enc_config_set, c_int, POINTER(VpxContext), POINTER(VpxConfig))
        self.control = _function(library.vpx_codec_control_, c_int, POINTER(VpxContext), c_int)
        self.encode = _function(
            library.vpx_codec_encode, c_int, POINTER(VpxContext), POINTER(VpxImage), c_int64, c_ulong, c_long, c_ulong
        )
        self.get_packet = _function(
            library.vpx_codec_get_cx_data, POINTER(VpxPacket), POINTER(VpxContext), POINTER(c_void_p)
        )
        self.destroy = _function(library.vpx_codec_destroy, c_int, POINTER(VpxContext))
        self._check_defaults()

    def vp8_defaults(self) -> VpxConfig:
        """What VP8 encoders are configured with unless told otherwise."""
        config = VpxConfig()
        if self._defaults(self._vp8, config, 0) != OK:
            raise EncoderError("This libvpx cannot encode VP8.")
        return config

    def init_vp8(self, context: VpxContext, config: VpxConfig) -> None:
        """Open a VP8 encoder in a context.

        Raises:
            EncoderError: libvpx refuses.
        """
        for abi in self._abis:
            failure = self._init(context, self._vp8, config, 0, abi)
            if failure == OK:
                return
            if failure != _ABI_MISMATCH:
                break
        raise EncoderError(f"libvpx does not open an encoder: {self.words(context)}.")

    def words(self, context: VpxContext) -> str:
        """What libvpx says of its last failure."""
        told = [text.decode(errors="replace") for text in (self._words(context), self._detail(context)) if text]
        return ", ".join(told)

    def _check_defaults(self) -> None:
        config = self.vp8_defaults()
        found = [getattr(config, name) for name in _KNOWN_DEFAULTS]
        found += [config.g_timebase.num, config.g_timebase.den, *(factor.num for factor in config.vizier_factors)]
        if found != [*_KNOWN_DEFAULTS.values(), 1, 30, *[1] * len(config.vizier_factors)] or any(config.beyond):
            raise EncoderError("The settings of this libvpx do not lie where they should.")


def _version(library: ctypes.CDLL) -> tuple[int, int, int]:
    packed = _function(library.vpx_codec_version, c_int)()
    return packed >> 16 & 0xFF, packed >> 8 & 0xFF, packed & 0xFF


def _function(function: Any, returns: Any, *takes: Any) -> Any:
    function.restype, function.argtypes = returns, takes
    return function
