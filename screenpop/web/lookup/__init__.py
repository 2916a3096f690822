"""Lookups from outside: who a number belongs to, and phonebooks for office phones.

Entry points: ``api.lookup_routes``, ``phonebook.phonebook_routes``. Invariants: nothing is stored
and no card changes; customers who want no calls are in no phonebook. Callers: ``web.application``.
"""
