"""The port between the page and the process that reads the two files."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screenpop.audit.lookback import Lookback


class LookbackRefusedError(Exception):
    """``code``: of ``lookback_problem.*``, or ``refusal.*`` of a file that cannot be read."""

    def __init__(self, code: str, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = params or {}


@dataclass(frozen=True, slots=True)
class LookbackView:
    figures: Lookback
    skipped: int
    """Lines of the calls that cannot be read."""
    rows_left_out: int
    """Rows of the customers that cannot be read."""


RunLookback = Callable[[Path, Path | None, str], Awaitable[LookbackView]]
"""``run_lookback(calls, sheet, number_column)``. Raises ``LookbackRefusedError``."""
