"""One thread for one thing after the other, awaited from an event loop at half the cost of an executor.

An executor makes two futures, a lock and a condition for everything that it is given; for a picture or 20 ms of sound
that is as much as sending them. Here the thread hands the result to the loop and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final, TypeVar

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Work = Callable[[], None]
_END: Final = None


class OwnThread:
    """Begun when it is first needed; ended by `close`, or when nobody has it any more.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._begun = False
        self._closed = False

    async def run(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """What a function returns or raises. It is left out when the wait for it is cancelled before its turn.

        Raises:
            RuntimeError: The thread was closed.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Result] = loop.create_future()

        def work() -> None:
            if not answer.cancelled():
                _answer(loop, answer, function, arguments)

        self._put(work)
        return await answer

    def then(self, function: _Work) -> None:
        """Have something done after all that is to be done so far; nobody waits for it.

        Raises:
            RuntimeError: The thread was closed.
        """
        self._put(function)

    def close(self) -> None:
        """End the thread after all that is to be done so far; nothing is waited for. Harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._queue.put(_END)

    def _put(self, work: _Work) -> None:
        if self._closed:
            raise RuntimeError(f"the thread {self._name} was closed")
        self._queue.put(work)
        if not self._begun:
            self._begun = True
            weakref.finalize(self, self._queue.put, _END)
            threading.Thread(target=_serve, args=(self._queue,), name=self._name, daemon=True).start()


def _serve(queue: SimpleQueue[_Work | None]) -> None:
    while (work := queue.get()) is not _END:
        try:
            work()
        except Exception:
            logger.exception("what nobody waits for failed")
        del work  # what it holds is not kept while there is nothing to do


def _answer(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[_Result],
    function: Callable[..., _Result],
    arguments: tuple[Any, ...],
) -> None:
    try:
        result = function(*arguments)
    except BaseException as error:
        _tell(loop, answer, _failed, error)
    else:
        _tell(loop, answer, _done, result)


def _tell(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[_Result],
    how: Callable[[asyncio.Future[_Result], Any], None],
    what: Any,
) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(how, answer, what)


def _done(answer: asyncio.Future[_Result], result: _Result) -> None:
    if not answer.done():
        answer.set_result(result)


def _failed(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
