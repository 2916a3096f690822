"""Pages and JSON API of vouchers: redeem by typing or scanning, cancel, give back, count.

All users redeem; supervisors and administrators make, cancel and give back
(``Right.MANAGE_VOUCHERS``).
Callers: ``web.application``, ``web.customers.detail_pages``.
"""
