"""A sheet's way out, in a process of its own."""
