"""An office of real processes: a simulated PBX, listeners, web processes, Redis, agents.

The fault tests and the benchmarks start it; it imports neither.
"""
