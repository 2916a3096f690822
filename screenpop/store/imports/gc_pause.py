"""Less frequent garbage collection during an import."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARE_THRESHOLDS = 100_000
"""New objects between two collections.

A chunk of a sheet makes as many, none in a cycle, and all are freed when it is written:
collections took a fifth of an import's time.
"""


@contextmanager
def rare_gc() -> Iterator[None]:
    before = gc.get_threshold()
    if not 0 < before[0] < _RARE_THRESHOLDS:
        yield  # it is disabled, or another import has raised it
        return
    gc.set_threshold(_RARE_THRESHOLDS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
