"""Pages and JSON API of the office's own offers.

All users read the offers whose fields their department may see; supervisors and administrators make
them and switch them on.
"""
