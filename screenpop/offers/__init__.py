"""What to suggest, why, and when to keep silent. Pure."""
