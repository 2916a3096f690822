"""The error of a condition that is refused."""

from enum import StrEnum
from textwrap import shorten


class Problem(StrEnum):
    """Why a condition is refused."""

    SHAPE = "shape"
    VERSION = "version"
    FIELD = "field"
    PLACE = "place"
    """A field of a trip outside of ``trips``, or one of the customer inside."""
    OPERATOR = "operator"
    VALUE = "value"
    DEPTH = "depth"
    SIZE = "size"
    NEVER_MET = "never_met"


class ConditionError(ValueError):
    """A condition is refused; the text names the place, the value and the remedy."""

    def __init__(
        self, problem: Problem, at: str, remedy: str, *, field: str = "", value: object = None
    ) -> None:
        shown_value = "" if value is None else f" {_short(value)}"
        about = f" ({field}{shown_value})" if field or shown_value else ""
        super().__init__(f"{at}{about}: {remedy}")
        self.problem = problem
        self.at = at
        """The path of the node, such as ``condition.all[1]``."""
        self.field = field
        self.value = _short(value) if value is not None else ""
        self.remedy = remedy


def _short(value: object) -> str:
    return shorten(repr(value), 120, placeholder=" …")
