"""One frame of text to one element and back.

Python's own parsers expand entities and take what comes; a stream needs neither. RFC 6120 (section 11.1) forbids
comments, processing instructions, DTDs and entities of one's own, so all of them end the stream here. A frame that is
larger, deeper or richer in elements than any of Jitsi's is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns

MAX_FRAME_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 8192


class TooLargeError(ProtocolError):
    """One frame is over a limit. Any member of a room can bring that about, so it is dropped alone."""

    code = "too_large"


_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE_ESCAPES = _ESCAPES | str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def parse_frame(text: str) -> Element:
    """Parse one frame.

    Raises:
        TooLargeError: Over a limit.
        ProtocolError: Malformed, or with something that XMPP forbids.
    """
    if len(text) > MAX_FRAME_BYTES:
        raise TooLargeError(f"The server sent a frame of {len(text)} characters; {MAX_FRAME_BYTES} are allowed.")
    builder = _LimitedBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    for handler, what in (
        ("StartDoctypeDeclHandler", "a DTD"),
        ("ProcessingInstructionHandler", "a processing instruction"),
        ("CommentHandler", "a comment"),
    ):
        setattr(parser, handler, _refuser(what))
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise ProtocolError(f"The server sent malformed XML: {error}.") from error
    return builder.close()


def _refuser(what: str) -> Any:
    def refuse(*_: object) -> NoReturn:
        raise ProtocolError(f"The server sent {what}, which XMPP forbids.")

    return refuse


class _LimitedBuilder:
    """Builds a tree and counts."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._depth = 0
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise TooLargeError(f"The server sent XML deeper than {MAX_DEPTH} levels.")
        if self._elements > MAX_ELEMENTS:
            raise TooLargeError(f"The server sent XML with more than {MAX_ELEMENTS} elements.")
        self._tree.start(_braced(name), {_braced(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_braced(name))

    def data(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> Element:
        return self._tree.close()


def _braced(name: str) -> str:
    return f"{{{name}" if "}" in name else name


def clean_text(text: str) -> str:
    """The text without the characters that XML 1.0 cannot carry."""
    return _FORBIDDEN.sub("", text)


def serialize(element: Element) -> str:
    """Write an element with default namespaces, as browsers do: some servers' modules stumble over prefixes."""
    return "".join(_write(element, ""))


def _write(element: Element, inherited: str) -> Iterator[str]:
    namespace, name = split_name(element.tag)
    yield f"<{name}"
    if namespace != inherited:
        yield f' xmlns="{_escape_attribute(namespace)}"'
    for key, value in element.items():
        yield _attribute(key, value)
    if not element.text and not len(element):
        yield "/>"
        return
    yield ">"
    yield clean_text(element.text or "").translate(_ESCAPES)
    for child in element:
        yield from _write(child, namespace)
        yield clean_text(child.tail or "").translate(_ESCAPES)
    yield f"</{name}>"


def split_name(tag: str) -> tuple[str, str]:
    """Namespace and local name of `{namespace}name`."""
    if tag.startswith("{"):
        namespace, _, name = tag[1:].partition("}")
        return namespace, name
    return "", tag


def _attribute(key: str, value: str) -> str:
    namespace, name = split_name(key)
    if namespace == ns.XML:
        name = f"xml:{name}"
    elif namespace:
        declared = _escape_attribute(namespace)
        return f' xmlns:a="{declared}" a:{name}="{_escape_attribute(value)}"'
    return f' {name}="{_escape_attribute(value)}"'


def _escape_attribute(value: str) -> str:
    return clean_text(value).translate(_ATTRIBUTE_ESCAPES)
