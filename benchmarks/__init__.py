"""Benchmarks: ratios of Screenpop to a floor and to other designs, measured in one run."""
