"""From an open socket to a full address: open, log in, open again, bind (RFC 7395, RFC 6120).

Real servers sometimes never answer a step, so every step has its own time limit and its own message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ConnectionLostError, ProtocolError
from eyeline.integrations.jitsi import ns, sasl
from eyeline.integrations.jitsi.framing import XmppSocket, unanswered
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.stanzas import Iq, IqType, iq_set, parse_error, parse_stanza
from eyeline.integrations.jitsi.stream_management import StreamManagement, enable

_SILENT_LOGIN_HINT = "Some servers never answer a token that lacks the room claim: ask for a new link."


@dataclass(frozen=True, slots=True)
class Login:
    """What the login needs to know.

    Args:
        domain: XMPP domain to log in at.
        has_token: Whether the socket's URL carried a token; changes only what a person is told.
        step_timeout_s: Time limit of each step.
        account: To log in with, or `None` for a guest.
        encrypted: Whether the way to the server is.
        resource: To bind, so that the server ends an older stream of ours; empty leaves it to the server.
        resumable: Whether to ask for a session that outlives its connection.
    """

    domain: str
    has_token: bool = False
    step_timeout_s: float = 10.0
    account: Account | None = None
    encrypted: bool = False
    resource: str = ""
    resumable: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """What a login leads to.

    Args:
        jid: The full address that the server gave us.
        management: Counters, where the server has stream management.
    """

    jid: Jid
    management: StreamManagement | None


class NotResumedError(ConnectionLostError):
    """The server does not know the session any more."""

    code = "not_resumed"


async def negotiate(socket: XmppSocket, login: Login) -> Bound:
    """Log in and bind a resource.

    Raises:
        LoginError: The server wants an account or refused the token.
        UnreachableError: A step was not answered in time.
        ProtocolError: An answer that the protocol does not allow.
        ConnectionLostError: The server ended the stream.
    """
    features = await _log_in(socket, login)
    if features.find(ns.qname(ns.BIND, "bind")) is None:
        raise ProtocolError("The server offers no resource after the login.")
    jid = await _bind(socket, login)
    can_resume = login.resumable and features.find(ns.qname(ns.SM, "sm")) is not None
    return Bound(jid, await _enable(socket, login) if can_resume else None)


async def renegotiate(socket: XmppSocket, login: Login, management: StreamManagement) -> None:
    """Log in on a new connection and go on with the old session.

    Raises:
        NotResumedError: The server does not know it any more.
        LoginError, NetworkError: As in `negotiate`.
    """
    await _log_in(socket, login)
    reply = await _exchange(socket, management.resume(), "resumption", login)
    if reply.tag == ns.qname(ns.SM, "failed"):
        raise NotResumedError("The server does not know our session any more.", hint="Join again.")
    if reply.tag != ns.qname(ns.SM, "resumed"):
        raise _out_of_order(reply, "resumed")
    management.confirm(reply)


async def _log_in(socket: XmppSocket, login: Login) -> Element:
    """The features after the login."""
    features = await _open(socket, login)
    await _authenticate(socket, sasl.choose_mechanism(features, login.account, encrypted=login.encrypted), login)
    return await _open(socket, login)


async def _enable(socket: XmppSocket, login: Login) -> StreamManagement | None:
    reply = await _exchange(socket, enable(), "stream management", login)
    return StreamManagement.of(reply) if reply.tag == ns.qname(ns.SM, "enabled") else None


async def _open(socket: XmppSocket, login: Login) -> Element:
    header = Element(ns.qname(ns.FRAMING, "open"), {"to": login.domain, "version": "1.0"})
    reply = await _exchange(socket, header, "stream's opening", login)
    if reply.tag != ns.qname(ns.FRAMING, "open"):
        raise _out_of_order(reply, "open")
    features = await _exchange(socket, None, "stream's opening", login)
    if features.tag != ns.qname(ns.STREAMS, "features"):
        raise _out_of_order(features, "features")
    return features


async def _authenticate(socket: XmppSocket, mechanism: sasl.Mechanism, login: Login) -> None:
    hint = _SILENT_LOGIN_HINT if login.has_token else ""
    reply = await _exchange(socket, sasl.auth_element(mechanism), "login", login, hint)
    if reply.tag == ns.qname(ns.SASL, "challenge"):
        response = await asyncio.to_thread(mechanism.answer, sasl.content_of(reply))
        reply = await _exchange(socket, sasl.response_element(response), "login", login)
    if reply.tag == ns.qname(ns.SASL, "failure"):
        raise sasl.login_error(reply, has_token=login.has_token, has_account=login.account is not None)
    if reply.tag != ns.qname(ns.SASL, "success"):
        raise _out_of_order(reply, "success")
    mechanism.verify(sasl.content_of(reply))


async def _bind(socket: XmppSocket, login: Login) -> Jid:
    bind = Element(ns.qname(ns.BIND, "bind"))
    if login.resource:
        SubElement(bind, ns.qname(ns.BIND, "resource")).text = login.resource
    request = iq_set(None, bind)
    element = await _exchange(socket, request.to_xml(), "resource binding", login)
    reply = parse_stanza(element)
    if not isinstance(reply, Iq) or reply.id != request.id or reply.type not in (IqType.RESULT, IqType.ERROR):
        raise _out_of_order(element, "the answer to bind")
    if reply.type is IqType.ERROR:
        raise parse_error(reply)
    bound = reply.child(ns.BIND, "bind")
    jid = Jid.parse(bound.findtext(ns.qname(ns.BIND, "jid"), "") if bound is not None else "")
    if not jid.local or not jid.resource:
        raise ProtocolError(f"The server bound {str(jid)[:80]!r}, which is not a full address.")
    return jid


async def _exchange(socket: XmppSocket, element: Element | None, step: str, login: Login, hint: str = "") -> Element:
    try:
        async with asyncio.timeout(login.step_timeout_s):
            if element is not None:
                await socket.send(element)
            return await socket.receive()
    except TimeoutError as error:
        raise unanswered(step, login.step_timeout_s, hint or "Try again later.") from error


def _out_of_order(element: Element, wanted: str) -> ProtocolError:
    return ProtocolError(f"The server sent {element.tag[:80]!r} where {wanted} was due.")
