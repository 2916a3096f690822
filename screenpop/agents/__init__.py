"""Who sits where. Pure."""
