"""Our senders and receivers inside of aiortc's peer connection: the one place that uses aiortc's private names.

aiortc decides in one private method which classes a connection is made of. A subclass that defines a method of the same
mangled name is asked instead; everything else of aiortc (ICE, DTLS, SRTP, SDP, BUNDLE) stays as it is. Names that are
relied on are listed and compared in `aiortc_check`.
"""

from eyeline.processing.rtc.aiortc_internals.connection import CLOSE_S, LivePeerConnection, replace_router
from eyeline.processing.rtc.aiortc_internals.receiver import LiveReceiver
from eyeline.processing.rtc.aiortc_internals.sender import LiveSender

__all__ = ["CLOSE_S", "LivePeerConnection", "LiveReceiver", "LiveSender", "replace_router"]
