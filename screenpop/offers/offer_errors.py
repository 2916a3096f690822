"""The error of an offer that is refused."""

from enum import StrEnum
from textwrap import shorten


class OfferProblem(StrEnum):
    """Why an offer is refused."""

    SHAPE = "shape"
    VERSION = "version"
    FIELD = "field"
    """A field that offers do not have."""
    MISSING = "missing"
    WORDS = "words"
    """Words that are missing in a language of the pages, too long, or with an unknown field."""
    VALUE = "value"
    REVERSED = "reversed"
    """The last day is before the first one."""
    NEVER_RUNS = "never_runs"
    """No day is both between the first and last day and in a period."""
    CONDITION = "condition"


class OfferError(ValueError):
    """An offer is refused; the text names the field, the value and the remedy."""

    def __init__(
        self,
        problem: OfferProblem,
        field: str,
        remedy: str,
        value: object = None,
        *,
        written: str = "",
    ) -> None:
        """``written``: the value as an earlier error has written it."""
        text = written if value is None else shorten(repr(value), 120, placeholder=" …")
        super().__init__(f"{field}{f' ({text})' if text else ''}: {remedy}")
        self.problem = problem
        self.field = field
        self.value = text
        self.remedy = remedy
