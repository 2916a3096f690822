"""A simulated Asterisk that speaks AMI over a real socket and plays calls.

Entry points: ``simulated_pbx_server.open_simulated_pbx``, ``call_player.CallPlayer``.
Invariants: events have the headers and order of Asterisk 22; a played call runs through the same
steps as a real one; its PBX id is ``simulated`` and keeps it out of statistics.
Callers: ``app.server`` in the demo, ``demo.driver``, ``cli.simulate``, tests.
"""
