"""Networks as torch modules. Nothing here is imported before torch is asked for."""
