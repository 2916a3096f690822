"""Plants small bugs in the product, one at a time, and lists those that no test notices.

``python -m tests.mutation`` runs it; ``docs/testing.md`` has the commands and the scores.
"""
