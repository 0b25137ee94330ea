"""What other sides say, checked at the edge: what is missing or malformed is named in one line.

Whatever is read here fits into one line of SDP: no control characters, no line breaks.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.xml import split_name

_TOKEN = re.compile(r"[!-~]{1,512}")
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{0,1024}")
_NUMBER = re.compile(r"[0-9]{1,10}")


def token(element: Element, name: str, default: str | None = None) -> str:
    """An attribute of visible ASCII without blanks.

    Raises:
        ProtocolError: It is malformed, or missing and there is no default.
    """
    value = element.get(name)
    if value is None and default is not None:
        return default
    if value is None or not _TOKEN.fullmatch(value):
        raise _wrong(element, name, value)
    return value


def line(element: Element, name: str, default: str | None = None) -> str:
    """An attribute of one line of any text.

    Raises:
        ProtocolError: It is malformed, or missing and there is no default.
    """
    value = element.get(name, default)
    if value is None or not _LINE.fullmatch(value):
        raise _wrong(element, name, value)
    return value


def number(element: Element, name: str, highest: int, default: int | None = None) -> int:
    """A whole attribute from 0 to `highest`.

    Raises:
        ProtocolError: It is malformed or too large, or missing and there is no default.
    """
    value = element.get(name)
    if value is None and default is not None:
        return default
    if value is None or not _NUMBER.fullmatch(value) or int(value) > highest:
        raise _wrong(element, name, value)
    return int(value)


def child(element: Element, qualified_name: str) -> Element:
    """The first child of a name.

    Raises:
        ProtocolError: There is none.
    """
    found = element.find(qualified_name)
    if found is None:
        raise ProtocolError(f"The server sent <{_local(element)}/> without <{split_name(qualified_name)[1]}/>.")
    return found


def is_line(text: str) -> bool:
    """Whether a text fits into one line."""
    return _LINE.fullmatch(text) is not None


def first_problem(error: ValidationError) -> str:
    """What is wrong with a JSON document, in one line: the place and why."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{ascii(place)[1:-1][:80] or 'text'}: {ascii(problem['msg'])[1:-1][:160]}"


def _wrong(element: Element, name: str, value: str | None) -> ProtocolError:
    if value is None:
        return ProtocolError(f"The server sent <{_local(element)}/> without {name!r}.")
    return ProtocolError(f"The server sent <{_local(element)}/> with a malformed {name!r}: {value[:80]!r}.")


def _local(element: Element) -> str:
    return split_name(element.tag)[1]
