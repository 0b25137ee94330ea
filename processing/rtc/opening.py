"""From what was negotiated for a line to the sender of its media."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import HeaderExtensionsMap

from eyeline.processing.rtc.frame_encoder import FrameEncoder
from eyeline.processing.rtc.keyframes import LAYERED_GROUP_S, LAYERED_INTERVAL_S, KeyframeSchedule
from eyeline.processing.rtc.media_sender import MediaSender, Send
from eyeline.processing.rtc.outgoing_stream import OutgoingStream, StreamFormat, StreamSsrcs
from eyeline.processing.rtc.simulcast_frame_encoder import SimulcastFrameEncoder


def open_media(kind: str, parameters: RTCRtpSendParameters, layers: Sequence[StreamSsrcs], send: Send) -> MediaSender:
    """Make the sender of a line; nothing is sent before it runs.

    Args:
        kind: `audio` or `video`.
        parameters: Negotiated; the first codec is sent.
        layers: The SSRCs, lowest layer first; more than one is simulcast, which only VP8 knows.
        send: Encrypts and sends packets that leave together.
    """
    codec = parameters.codecs[0]
    extensions = HeaderExtensionsMap()
    extensions.configure(parameters)
    repair = _retransmission_of(codec, parameters.codecs)
    streams = [
        OutgoingStream(
            StreamFormat(
                ssrc=layer.ssrc,
                payload_type=codec.payloadType or 0,
                rate_hz=codec.clockRate,
                rtx_ssrc=layer.rtx_ssrc,
                rtx_payload_type=repair,
                mid=parameters.muxId,
                extensions=extensions,
            )
        )
        for layer in layers
    ]
    if len(layers) == 1:
        return MediaSender(streams, FrameEncoder(codec, kind), send)
    return MediaSender(streams, SimulcastFrameEncoder(), send, KeyframeSchedule(LAYERED_INTERVAL_S, LAYERED_GROUP_S))


def _retransmission_of(codec: RTCRtpCodecParameters, codecs: Iterable[RTCRtpCodecParameters]) -> int | None:
    fitting = (each for each in codecs if is_rtx(each) and each.parameters.get("apt") == codec.payloadType)
    return next((each.payloadType for each in fitting), None)
