"""Files attached to customers: upload, download and removal, on pages and over the API.

Entry points: ``pages.attachment_routes``, ``api.attachment_api_routes``. Invariants: an upload is
written in pieces and never held in memory; a download has the type of its content, may run nothing
(CSP sandbox) and is recorded first. Callers: ``web.application``.
"""
