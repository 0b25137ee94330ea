"""The REST interface: resources of a running Eyeline, for programs of this machine that know its token."""
