"""Classes that are as strict as the real module's, by what its contract says of them.

A class of the double has exactly the members that the contract has for it, and takes exactly the types: anything else
is a `TypeError`, as from the real wrapper. What the wrapper does not keep alive is garbage here, too.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Any, NamedTuple, NoReturn, TypeVar

from zoom_lab import contract

CONTRACT = contract.kept()
GARBAGE = "\ufffdgarbage\ufffd"

_PARAMETER = re.compile(r"(\w+)(?:: (.*?))?( = \.\.\.)?(?:, |$)")
_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "bytes": (bytes,), "bool": (bool,), "int": (int,)}

T = TypeVar("T", bound=type)


class Parameter(NamedTuple):
    """One of a method's."""

    name: str
    type: str
    optional: bool


def segfault() -> NoReturn:
    """Die as from a pointer to something that is gone."""
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)
    raise SystemExit


def call_back(function: Callable[..., None] | None, *arguments: Any) -> None:
    """Call as the SDK does: an exception that comes out ends the process."""
    if function is None:
        return
    try:
        function(*arguments)
    except BaseException:
        os.abort()


def enums() -> dict[str, type[Enum]]:
    """The SDK's enums."""
    return {
        name: (IntEnum if described["base"] == "IntEnum" else Enum)(name, described["members"])  # type: ignore[misc]
        for name, described in CONTRACT["enums"].items()
    }


def parameters(signature: str) -> tuple[list[Parameter], bool]:
    """Of `def name(self, ...) -> ...`; and whether they are by position alone."""
    inside = signature[signature.index("(") + 1 : signature.rindex(") ->")].removeprefix("self").removeprefix(", ")
    by_position = inside.endswith("/")
    inside = inside.removesuffix("/").removesuffix(", ")
    found = [Parameter(name, kind, bool(default)) for name, kind, default in _PARAMETER.findall(inside)]
    return found, by_position


def fits(value: Any, kind: str) -> bool:
    """Whether the wrapper would take a value for a type: an int for a bool is refused, a bool for an int is not."""
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind])
    return any(parent.__name__ == kind for parent in type(value).__mro__)


def strict_function(name: str, signature: str, function: Callable[..., Any], *, method: bool) -> Callable[..., Any]:
    """A function that takes what the contract says."""
    expected, by_position = parameters(signature)

    @functools.wraps(function)
    def checked(*arguments: Any, **keywords: Any) -> Any:
        given = arguments[1:] if method else arguments
        if keywords and by_position:
            raise TypeError(f"{name}(): incompatible function arguments (keywords)")
        bound = dict(zip((parameter.name for parameter in expected), given, strict=False)) | keywords
        needed = {parameter.name for parameter in expected if not parameter.optional}
        if len(given) > len(expected) or not needed <= bound.keys() <= {parameter.name for parameter in expected}:
            raise TypeError(f"{name}(): incompatible function arguments (number)")
        for parameter in expected:
            if parameter.name in bound and not fits(bound[parameter.name], parameter.type):
                raise TypeError(f"{name}(): incompatible function arguments ({parameter.name})")
        return function(*arguments, **keywords)

    return checked


class StrictProperty:
    """A property of the wrapper's: of one type; of a `str` it keeps nothing but the address."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, _kind: type | None = None) -> Any:
        if owner is None:
            return self
        values = owner.__dict__
        if self._name not in values:
            return None
        # Held here, in the dictionary, and by the call that asks: who set it holds it no more.
        if self._kind == "str" and sys.getrefcount(values[self._name]) <= 2:
            return GARBAGE
        return values[self._name]

    def __set__(self, owner: Any, value: Any) -> None:
        if not fits(value, self._kind):
            raise TypeError(f"{type(owner).__name__}.{self._name}: {self._kind} expected")
        owner.__dict__[self._name] = value


def strict(kind: T) -> T:
    """A class decorator: members as in the contract, none missing, none more."""
    described: dict[str, str] = CONTRACT["classes"][kind.__name__]
    public = {name for name in vars(kind) if not name.startswith("_")}
    properties = {name for name, member in described.items() if member.startswith("property: ")}
    if public != described.keys() - properties:
        raise TypeError(f"{kind.__name__}: {public ^ (described.keys() - properties)}")
    for name, member in described.items():
        if name in properties:
            made: Any = StrictProperty(member.removeprefix("property: "))
            setattr(kind, name, made)
            made.__set_name__(kind, name)
        else:
            checked = strict_function(f"{kind.__name__}.{name}", member, vars(kind)[name], method=True)
            setattr(kind, name, checked)
    return kind


def callback_classes() -> dict[str, type]:
    """The classes that hold functions; a keyword that the contract does not know is a `TypeError`."""
    made = {}
    for name, described in CONTRACT["callbacks"].items():
        keywords = frozenset(described["keywords"])

        def start(self: Any, keywords: frozenset[str] = keywords, **functions: Any) -> None:
            if not functions.keys() <= keywords:
                raise TypeError(f"unknown callbacks {functions.keys() - keywords}")
            self.functions = functions

        base = type(described["base"], (), {})
        made[name] = type(name, (base,), {"__init__": start})
    return made
