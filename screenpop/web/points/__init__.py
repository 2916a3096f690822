"""Points or stamps of a customer on pages and in the API.

All users see and spend them; supervisors and administrators correct (``Right.MANAGE_VOUCHERS``).
Callers: ``web.application``, ``web.customers.detail_pages``.
"""
