"""The few strings that a client needs from a deployment's `config.js`.

The file is a program, not JSON. Deployed ones assign (`config.hosts.domain = '..'`) or nest (`hosts: { domain: '..' }`)
and build strings with `subdomain` and `subdir`, which the web server fills in per tenant; comments look like settings.
Nothing is executed: comments go, then each key is looked for, and of its expression only string literals and known
variables joined by `+` are understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_STRING = r"""(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
_TERM = rf"(?:{_STRING}|[A-Za-z_$][\w$]*)"
_EXPRESSION = rf"({_TERM}(?:\s*\+\s*{_TERM})*)"
# Every alternative matches even unclosed, so that a hostile file costs linear time.
_COMMENT_OR_STRING = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*`?)""", re.DOTALL
)
_VARIABLE = re.compile(rf"\b(?:var|let|const)\s+([A-Za-z_$][\w$]*)\s*=\s*{_EXPRESSION}")
_SERVER_SIDE_ECHO = re.compile(r"""<!--#\s*echo\s+var=["'](\w+)["'](?:\s+default=["']([^"'>]*)["'])?\s*-->""")
_HOSTS_OBJECT = re.compile(r"""\bhosts["']?\s*[:=]\s*\{([^{}]*)\}""")
_MAX_VALUE_CHARS = 2048


class ConfigJs:
    """What is readable in a `config.js`.

    Args:
        text: The file.
        variables: What `subdomain`, `subdir` and the web server's echoes stand for.
    """

    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        substituted = _SERVER_SIDE_ECHO.sub(lambda echo: variables.get(echo[1], echo[2] or ""), text)
        self._text = _COMMENT_OR_STRING.sub(lambda match: match[1] or " ", substituted)
        self._variables = self._declared() | {name: value for name, value in variables.items() if value}
        hosts = _HOSTS_OBJECT.search(self._text)
        self._hosts = hosts[1] if hosts else ""

    def _declared(self) -> dict[str, str]:
        declared: dict[str, str] = {}
        for match in _VARIABLE.finditer(self._text):
            value = _evaluate(match[2], declared)
            if value is not None:
                declared[match[1]] = value
        return declared

    def host(self, key: str) -> str | None:
        """The value of `hosts.KEY`, or `None`."""
        return self._find(rf"\bhosts\.{key}\s*=\s*", self._text) or self._find(_member(key), self._hosts)

    def value(self, key: str) -> str | None:
        """The value of the top-level `KEY`, or `None`."""
        return self._find(rf"\bconfig\.{key}\s*=\s*", self._text) or self._find(_member(key), self._text)

    def _find(self, prefix: str, text: str) -> str | None:
        for match in re.finditer(prefix + _EXPRESSION, text):
            value = _evaluate(match[1], self._variables)
            if value:
                return value
        return None


def _member(key: str) -> str:
    return rf"""(?<![\w.$]){key}["']?\s*:\s*"""


def _evaluate(expression: str, variables: Mapping[str, str]) -> str | None:
    parts: list[str] = []
    for term in re.findall(_TERM, expression):
        part = _literal(term, variables) if term[0] in "\"'`" else variables.get(term)
        if part is None:
            return None
        parts.append(part)
    value = "".join(parts)
    return value if len(value) <= _MAX_VALUE_CHARS and value.isprintable() else None


def _literal(term: str, variables: Mapping[str, str]) -> str | None:
    body = re.sub(r"\\(.)", r"\1", term[1:-1])
    if term[0] != "`":
        return body
    names = re.findall(r"\$\{\s*([\w$]+)\s*\}", body)
    if any(name not in variables for name in names):
        return None
    return re.sub(r"\$\{\s*([\w$]+)\s*\}", lambda match: variables[match[1]], body)
