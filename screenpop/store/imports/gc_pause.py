"""Less looking for garbage while a sheet comes in."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARE_THRESHOLDS = 100_000
"""Objects that are new since the last look. A chunk of a sheet makes so many, none in a circle,
and goes at once when it is written: looking among them took a fifth of an import's time."""


@contextmanager
def rare_gc() -> Iterator[None]:
    before = gc.get_threshold()
    if not 0 < before[0] < _RARE_THRESHOLDS:
        yield  # it never looks, or another import has seen to it
        return
    gc.set_threshold(_RARE_THRESHOLDS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
