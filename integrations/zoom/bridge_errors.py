"""How the process that holds Zoom's SDK can fail us. A new one may do better: these are of the network's branch."""

from __future__ import annotations

from eyeline.integrations.errors import ConnectionLostError


class BridgeLostError(ConnectionLostError):
    """The bridge process ended, and nobody had asked it to."""

    code = "bridge_lost"


class BridgeHungError(BridgeLostError):
    """The bridge process gave no sign of life and was killed."""

    code = "bridge_hung"
