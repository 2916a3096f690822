"""A sheet's way in, and out again: read, written, reported, in a process of its own."""
