"""A small Jitsi deployment for tests: real Prosody, and stand-ins for jicofo (`Focus`) and for the bridge (`Bridge`).

What is real: the XMPP server, every stanza's way through it, ICE, DTLS and SRTP on a real network interface, RTP of
real encoders, the WebSockets. What is a stand-in, written from recordings of a real deployment: what the focus says and
refuses, and what the bridge forwards. `Watcher` is a member of the meeting that shares no code with Eyeline's client.

A test that passes here therefore does not prove that a real Jitsi agrees. Not simulated at all:

* bandwidth estimation (no REMB unless a test sends one, no transport-cc, no probing that depends on the network),
* choosing between simulcast layers by bandwidth (only by what is wanted, sent and keyed, see `projection`),
* rewriting of SSRCs and RTP sequence numbers (a pause looks like loss to the receiver, which a real bridge hides),
* detecting who speaks, Octo and more than one bridge, SCTP data channels,
* lobby, AV moderation's own messages, visitors, breakout rooms, recording, end-to-end encryption,
* jicofo's and the bridge's timing: everything here happens at once.
"""
