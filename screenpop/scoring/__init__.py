"""Values of customers and their chances to come back, computed in a process of its own.

Entry points: ``run.score_office`` for all customers, ``run.score_customers`` for some; ``worker``
is the process, ``request.score_request`` its request.
Invariants: the server imports ``request`` only, so that it never imports numpy and scipy.
Callers: ``app.value_keeper`` and ``screenpop score``.
"""
