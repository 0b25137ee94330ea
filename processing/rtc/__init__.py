"""WebRTC for live video over aiortc: encoders, senders, receivers. Knows nothing of pictures and meetings."""
