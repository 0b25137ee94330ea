"""XML namespaces on Jitsi's wire."""

from __future__ import annotations

XML = "http://www.w3.org/XML/1998/namespace"

# RFC 6120, RFC 7395, XEP-0124: the stream
CLIENT = "jabber:client"
STREAMS = "http://etherx.jabber.org/streams"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
HTTP_BIND = "http://jabber.org/protocol/httpbind"
XBOSH = "urn:xmpp:xbosh"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
PING = "urn:xmpp:ping"
SM = "urn:xmpp:sm:3"

# XEP-0030, 0045, 0115, 0172, 0203, 0215, 0421: discovery, rooms, services
DISCO_INFO = "http://jabber.org/protocol/disco#info"
CAPS = "http://jabber.org/protocol/caps"
MUC = "http://jabber.org/protocol/muc"
MUC_ADMIN = "http://jabber.org/protocol/muc#admin"
MUC_USER = "http://jabber.org/protocol/muc#user"
NICK = "http://jabber.org/protocol/nick"
DELAY = "urn:xmpp:delay"
EXTDISCO = "urn:xmpp:extdisco:2"
OCCUPANT_ID = "urn:xmpp:occupant-id:0"

# XEP-0166, 0167, 0176, 0293, 0294, 0320, 0338, 0339, 0343: Jingle
JINGLE = "urn:xmpp:jingle:1"
RTP = "urn:xmpp:jingle:apps:rtp:1"
RTP_AUDIO = "urn:xmpp:jingle:apps:rtp:audio"
RTP_VIDEO = "urn:xmpp:jingle:apps:rtp:video"
RTCP_FB = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
RTP_HDREXT = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
SSMA = "urn:xmpp:jingle:apps:rtp:ssma:0"
ICE_UDP = "urn:xmpp:jingle:transports:ice-udp:1"
DTLS = "urn:xmpp:jingle:apps:dtls:0"
DTLS_SCTP = "urn:xmpp:jingle:transports:dtls-sctp:1"
GROUPING = "urn:xmpp:jingle:apps:grouping:0"

# Jitsi's own
FOCUS = "http://jitsi.org/protocol/focus"
COLIBRI = "http://jitsi.org/protocol/colibri"
JITMEET = "http://jitsi.org/jitmeet"
MUTE_AUDIO = "http://jitsi.org/jitmeet/audio"
MUTE_VIDEO = "http://jitsi.org/jitmeet/video"


def qname(namespace: str, name: str) -> str:
    """The name of an element as ElementTree writes it: `{namespace}name`."""
    return f"{{{namespace}}}{name}"
