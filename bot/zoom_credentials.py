"""From the settings to what Zoom wants to see."""

from __future__ import annotations

from eyeline.bot.secret_source import SecretSource
from eyeline.config.schema import ZoomSettings
from eyeline.integrations.zoom.credentials import ZoomCredentials


class ZoomCredentialSource:
    """What the settings give. Files are read anew each time, as whoever renews a token writes it there.

    Args:
        zoom: The group of settings.
    """

    def __init__(self, zoom: ZoomSettings) -> None:
        self._zoom = zoom
        self._secret = SecretSource(zoom.client_secret, zoom.client_secret_file)
        self._jwt = SecretSource(zoom.jwt, zoom.jwt_file)
        self._zak = SecretSource(zoom.zak, zoom.zak_file)
        self._on_behalf = SecretSource(zoom.on_behalf_token, zoom.on_behalf_token_file)
        self._access = SecretSource(zoom.access_token, zoom.access_token_file)

    def current(self) -> ZoomCredentials:
        """The newest of all; what is used up or expired is looked at elsewhere."""
        return ZoomCredentials(
            client_id=self._zoom.client_id,
            client_secret=self._secret.current(),
            jwt=self._jwt.current(),
            zak=self._zak.current(),
            on_behalf_token=self._on_behalf.current(),
            access_token=self._access.current(),
            fetch=self._zoom.fetch,
        )
