"""The only way to touch the SDK.

Its wrapper keeps nothing alive that Zoom's library still points at, and takes for its own what the library owns:

- a `str` that was set as a property, or given to a call, and then dies leaves a dangling pointer;
- a callback object that dies after `SetEvent` is a segmentation fault, as is a raw-data helper that is dropped and
  asked for again;
- an exception that leaves a callback aborts the process.

So here everything is kept until the process ends, and every callback is caught. A test sees to it that no other module
of the bridge touches an object of the SDK by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Any

from eyeline.integrations.zoom.bridge.messages import Fault

SUCCESS = "SDKERR_SUCCESS"

_MAX_FAULTS_ALIKE = 3

_NOTHING_TO_KEEP = (int, float, bytes, Enum, type(None))
_COPIED = (*_NOTHING_TO_KEEP, str, list)

# An object of the SDK: a controller, a parameter, a person. Nothing but this module looks inside.
SdkObject = Any


class Held:
    """Zoom's SDK, or what stands for it in a test, with everything that it was given.

    Args:
        sdk: The module.
        report: Is told when something of ours fails.
    """

    def __init__(self, sdk: Any, report: Callable[[Fault], None]) -> None:
        self._sdk = sdk
        self._report = report
        self._kept: dict[int, object] = {}
        self._faults: Counter[Fault] = Counter()

    def enum(self, kind: str, member: str) -> SdkObject:
        """A member of one of the SDK's enums."""
        return getattr(getattr(self._sdk, kind), member)

    def make(self, kind: str, **properties: Any) -> SdkObject:
        """An object of the SDK's, with its properties set."""
        made = self._keep(getattr(self._sdk, kind)())
        self.put(made, **properties)
        return made

    def put(self, target: SdkObject, **properties: Any) -> None:
        """Set properties."""
        for name, value in properties.items():
            setattr(target, name, self._keep(value))

    def callbacks(self, kind: str, **handlers: Callable[..., None]) -> SdkObject:
        """An object of the SDK's whose keywords are functions that it calls."""
        made = {name: self._keep(self.safe(name, handler)) for name, handler in handlers.items()}
        return self._keep(getattr(self._sdk, kind)(**made))

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a function of the module's."""
        return self.get(self._sdk, method, *arguments)

    def get(self, target: SdkObject, method: str, *arguments: Any) -> Any:
        """Call a method, and keep what came of it."""
        for argument in arguments:
            self._keep(argument)
        return self._keep_answer(getattr(target, method)(*arguments))

    def do(self, target: SdkObject, method: str, *arguments: Any) -> str:
        """Call a method that answers with an `SDKError`: the name of it."""
        answer: str = self.get(target, method, *arguments).name
        return answer

    def text(self, target: SdkObject, method: str, limit_chars: int) -> str:
        """Call a method that answers with a text, which comes from outside and may be of any length."""
        found = self.get(target, method)
        return found[:limit_chars] if isinstance(found, str) else ""

    def read(self, target: SdkObject, name: str) -> Any:
        """A property."""
        return self._keep_answer(getattr(target, name))

    def keep(self, given: SdkObject) -> SdkObject:
        """Keep an object that a callback was given and that is used after it."""
        return self._keep(given)

    def safe(self, where: str, handler: Callable[..., None]) -> Callable[..., None]:
        """A callback that nothing leaves.

        Args:
            where: The callback's name, for the report.
            handler: What it does.
        """

        def caught(*arguments: Any) -> None:
            try:
                handler(*arguments)
            except BaseException as error:
                self._tell(Fault(where, type(error).__name__))

        return caught

    def _tell(self, fault: Fault) -> None:
        self._faults[fault] += 1
        if self._faults[fault] <= _MAX_FAULTS_ALIKE:
            self._report(fault)

    def _keep(self, thing: Any) -> Any:
        """By identity: an object that comes again is kept once. Pictures and sound are bytes, copied by the SDK."""
        if not isinstance(thing, _NOTHING_TO_KEEP):
            self._kept[id(thing)] = thing
        return thing

    def _keep_answer(self, thing: Any) -> Any:
        """What the wrapper made for us as a copy may go again: names are asked for twice a second."""
        return thing if isinstance(thing, _COPIED) else self._keep(thing)
