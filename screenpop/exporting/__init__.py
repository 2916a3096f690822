"""Writes customers to a sheet in a process of its own.

Entry points: ``client.ExportService`` in the server, ``worker`` as the process.
Invariants: bytes are streamed; a reader that leaves ends the process.
Callers: ``web.privacy`` through its port, ``cli.privacy``.
"""
