"""The SDK started, and the answer to the JWT."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.messages import Authenticated, Begin, CallRefused

AUTHENTICATED = "AUTHRET_SUCCESS"


def start_sdk(sdk: Held, begin: Begin) -> CallRefused | None:
    """Initialise the library, once in a process; what it said when it would not."""
    parameters = sdk.make(
        "InitParam",
        strWebDomain=begin.web_domain,
        # Its wrapper writes a NULL to the C++ standard output otherwise.
        strSupportUrl=begin.web_domain,
        enableGenerateDump=False,
        enableLogByDefault=False,
        emLanguageID=sdk.enum("SDK_LANGUAGE_ID", "LANGUAGE_English"),
    )
    error: str = sdk.call("InitSDK", parameters).name
    return None if error == SUCCESS else CallRefused("InitSDK", error)


def authenticate(
    sdk: Held, service: SdkObject, jwt: str, answered: Callable[[Authenticated], None]
) -> CallRefused | None:
    """Ask for admission; what was refused at once, and never answered by a callback.

    Args:
        sdk: The SDK.
        service: Its `IAuthService`.
        jwt: Of our credentials.
        answered: Called when the answer is there, 12 s later where there is no network.
    """

    def on_answer(result: SdkObject) -> None:
        answered(Authenticated(result.name))

    events = sdk.callbacks("AuthServiceEventCallbacks", onAuthenticationReturnCallback=on_answer)
    sdk.do(service, "SetEvent", events)
    error = sdk.do(service, "SDKAuth", sdk.make("AuthContext", jwt_token=jwt))
    return None if error == SUCCESS else CallRefused("SDKAuth", error)
