"""An asyncio Jitsi client: XMPP over WebSocket, Jingle and the bridge channel, with aiortc for the media.

Usable alone: it takes plain aiortc tracks and knows nothing of the rest of Eyeline. `JitsiMeeting` joins a room;
`eyeline.integrations.events` has what it reports and `eyeline.integrations.errors` what it raises.
"""

from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.jitsi.deployment import DeploymentOverrides
from eyeline.integrations.jitsi.patience import Patience
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.url import JitsiUrl

__all__ = ["Account", "DeploymentOverrides", "JitsiMeeting", "JitsiUrl", "Patience"]
