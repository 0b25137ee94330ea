"""What Eyeline costs and how late it is, measured on this machine against the parts that it is made of."""
