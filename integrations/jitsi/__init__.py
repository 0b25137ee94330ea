"""An asyncio Jitsi client: XMPP over WebSocket, Jingle and the bridge channel, with aiortc for the media."""
