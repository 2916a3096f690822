"""Export of all customers, subject access and erasure, as pages and JSON API.

Entry points: ``pages.privacy_routes``, ``pages.privacy_api_routes``.
Invariants: each use is logged with who, when and how much.
Callers: ``web.application``.
"""
