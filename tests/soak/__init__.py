"""An hour in a room that gives a bot no rest: `make soak`. Nothing may grow, and nothing may be left."""
