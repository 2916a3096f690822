"""Segments, tags and changes of many customers: pages and JSON API.

Entry points: ``pages.segment_routes``, ``api.segment_api_routes``, ``bulk_pages.bulk_routes``,
``tag_pages.tag_routes``.
Invariants: a user sees and uses only conditions whose fields their department may see.
Callers: ``web.application``.
"""
