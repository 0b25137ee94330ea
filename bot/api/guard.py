"""Who may ask, and what every answer carries.

Any page in the person's browser, and any program of another user of this machine, can reach the port. So there is a
bearer token (RFC 6750), and for browsers the name asked for has to be one of this machine (against DNS rebinding) and
the page that asks has to be of the same origin.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Collection
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from eyeline.bot.api.problem import ApiError, Problem, answer, of_error, of_validation, refuse
from eyeline.bot.loopback import SECURITY_HEADERS, Handler, is_own_name
from eyeline.config.errors import EyelineError

log = logging.getLogger(__name__)

_KEPT_HEADERS = ("Allow", "Retry-After")


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem."""
    try:
        response = await handler(request)
    except ApiError as error:
        response = answer(error.problem, error.headers)
    except web.HTTPException as error:
        status = HTTPStatus(error.status)
        told = Problem(title=status.phrase, status=status, detail=_detail(status), code="http")
        response = answer(told, {name: error.headers[name] for name in _KEPT_HEADERS if name in error.headers})
    except ValidationError as error:
        response = answer(of_validation(error))
    except EyelineError as error:
        response = answer(of_error(error))
    except Exception:
        log.exception("a request failed")
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        told = Problem(
            title=status.phrase, status=status, detail="That failed for a reason of our own.", code="internal"
        )
        response = answer(told)
    if not response.prepared:
        response.headers.update(SECURITY_HEADERS)
    return response


class Guard:
    """Lets nobody in but callers with the token, from this machine.

    Args:
        token: What they have to show.
        public: Paths that need none.
    """

    def __init__(self, token: str, public: Collection[str]) -> None:
        self._token = token.encode()
        self._public = frozenset(public)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse strangers before anything of their request is read."""
        if not is_own_name(request.host or ""):
            raise refuse(HTTPStatus.FORBIDDEN, "This answers on this machine's own address only.", code="host")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise refuse(HTTPStatus.FORBIDDEN, "This takes no orders from other sites' pages.", code="origin")
        if request.path not in self._public and not self._knows_token(request):
            raise refuse(
                HTTPStatus.UNAUTHORIZED,
                "This needs the token of the running Eyeline.",
                hint="Send it as Authorization: Bearer TOKEN.",
                code="token",
                headers={"WWW-Authenticate": 'Bearer realm="eyeline"'},
            )
        return await handler(request)

    def _knows_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = hmac.compare_digest(token.strip().encode("utf-8", "replace"), self._token)
        return known and scheme.lower() == "bearer"


def _detail(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return "There is nothing at this address."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return "This address does not take that method."
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return "The body is too long."
        case _:
            return f"{status.description or status.phrase}."
