"""Vouchers: made, redeemed once, cancelled, given back, and counted.

Entry points: ``issuing`` for batches and accepted offers, ``redeeming`` for what a desk does,
``queries`` for lists and the report.
Invariants: a voucher is redeemed by one conditional UPDATE, so two processes never redeem it both;
each change has a row in ``voucher_events``; a repeated request with its key has no second effect.
Callers: ``web.vouchers``, ``store.calls.call_work``, ``demo``.
"""
