"""Certificates for an office without a public domain: an authority of its own, and the server's.

Entry points: ``make_authority``, ``issue``, ``parse_names``. Values in, PEM out; no I/O, and the
time is passed in. An authority is bound to the names it was made for (RFC 5280, name constraints):
with its key this server can be imitated, and no other site. Caller:
``app.office_certificate``.
"""
