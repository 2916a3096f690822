"""Invented customers, call history and a schedule of calls for ``screenpop demo``.

Entry points: ``settings.demo_settings``, ``seed.seed_demo``, ``driver.DemoDriver``.
Invariants: the same seed and day give the same customers; every phone number is valid.
Callers: ``app.server``, ``cli.serve``, benchmarks and tests.
"""
