"""Values of customers as pages and JSON: stages, chances, and how the chances came true.

Entry points: ``routes.value_routes``, ``views.value_view``.
Invariants: everything is for departments that may see trips; sums for those that see prices.
Callers: ``web.application``, ``web.customers.detail_pages``.
"""
