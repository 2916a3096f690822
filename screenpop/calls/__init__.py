"""Calls, whoever's PBX they come from. Pure. ``changes`` is the seam to other PBX makers."""
