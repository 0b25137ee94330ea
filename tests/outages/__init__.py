"""How soon media return after each kind of loss: `make outages`."""
