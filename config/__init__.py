"""Settings, logging and the root of the exception tree: the layer that everything else stands on."""
