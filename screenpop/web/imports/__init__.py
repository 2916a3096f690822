"""Imports as pages and JSON API, behind the port ``Imports``.

Entry points: ``pages.import_routes``, ``api.import_api_routes``.
Invariants: an upload is written in pieces and never held in memory; no spreadsheet is opened here.
Callers: ``web.application``.
"""
