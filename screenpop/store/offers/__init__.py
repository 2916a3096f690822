"""The office's own offers: stored, counted, and the customers that each fits today.

Entry points: ``saved`` for the offers, ``fitting`` for the customers of one.
Invariants: terms are stored whole and only after ``offers.offer_json.read_offer`` has read them; an
offer with answers is never deleted.
Callers: ``app.office_offers``, which keeps them compiled for the cards, ``web.offers``, ``demo``.
"""
