"""The lab's own promises that need no PBX."""
