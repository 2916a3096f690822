"""The connection to Asterisk's manager interface, and the only importer of pyst2.

Responsibility: connect, log in, read, resync, audit, reconnect with backoff, send allowed actions.
Entry points: ``client.AmiClient.run`` (for ever) and its ``send``, ``list_action``.
Invariants: one ``AmiManager`` object a connection; replies are matched by ActionID with a time
limit; events wait until the first complete snapshot; a value with a line break is never sent.
Callers: ``app.pbx_links`` and ``app.doctor``. Defects of pyst2 that this works around: ADR 1.
"""
