"""The use cases: PBX messages in; cards, board rows and log records out.

Responsibility: one task (``runner.ScreenPopRunner``) owns all calls and consumes one queue: AMI
messages, lookup answers, receipts, commands, ticks. ``screen_pop.ScreenPop`` holds the logic.
Entry points: ``runner.ScreenPopRunner.messages``, ``.receipt``, ``.command``; ports in ``ports``.
Invariants: no I/O library here; effects are returned and run in order; the card is published
before anything is logged.
Callers: ``app.server`` wires it; ``ami`` and ``web`` call it through plain functions.
"""
