"""A PBX you can play: it speaks AMI on a real socket and plays scripted and recorded calls."""
