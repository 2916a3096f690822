"""The fields that an office makes itself: definitions, words for the search, changes of values.

Entry points: ``definitions.list_own_fields``, ``editing.save_own_field``, ``conditions``.
Invariants: values are JSON in ``own`` of customers and trips, by the id of the field; a change of a
definition changes its values and search words in one transaction.
Callers: ``store.customers``, ``store.search``, ``store.imports``, ``web``, ``cli``, ``demo``.
"""
