"""The REST interface beside a command."""

from __future__ import annotations

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.api.server import Api
from eyeline.bot.host import Host
from eyeline.config.errors import UsageError
from eyeline.config.schema import ApiSettings


class ApiTokenError(UsageError):
    """There is no token that callers could show."""

    code = "api_token"


def required_token(settings: ApiSettings) -> str:
    """The token that callers have to show.

    Raises:
        ApiTokenError: There is none.
    """
    if settings.token is None:
        raise ApiTokenError(
            "There is no token for callers of the REST interface to show.",
            hint="Set EYELINE_API__TOKEN, or name a file that holds one: api.token_file (eyeline serve: --token-file).",
        )
    return settings.token.get_secret_value()


def rest_interface(host: Host, hub: EventHub, settings: ApiSettings) -> Api:
    """The server for a host, to be entered.

    Raises:
        ApiTokenError: There is no token.
    """
    return Api(host, hub, token=required_token(settings), address=settings.host, port=settings.port)
