"""A test of many values that counts as one: collecting and reporting a test costs more than most
checks of a recording do."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

_Value = TypeVar("_Value")
Test = Callable[..., None]


def each(values: Sequence[_Value], name: Callable[[_Value], str] = str) -> Callable[[Test], Test]:
    """Run a test for each value, given as its first argument. A failure has the value's name as a
    note, and ends the test; no values at all are a failure."""

    def of_all(test: Test) -> Test:
        parameters = inspect.signature(test).parameters
        first, *others = parameters.values()

        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            assert values
            for value in values:
                try:
                    test(**{first.name: value}, **fixtures)
                except BaseException as problem:
                    problem.add_note(f"with {first.name} = {name(value)}")
                    raise

        # Not the signature of what is wrapped: pytest would look for a fixture of the first name.
        run.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
        return run

    return of_all
