"""Call lists: the customers of a segment as it was when the list was made, to be called once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_CALL_LIST = 2_000
"""Customers of one call list: more are not called one by one."""


class CallListProblem(StrEnum):
    EMPTY = "empty"
    """No customer is in the segment."""
    TOO_MANY = "too_many"


class CallListRefusedError(ValueError):
    def __init__(self, problem: CallListProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CallListEntry:
    """A call list on which a customer is. ``made``: the day of the office."""

    id: int
    segment: str
    made: date


def call_list_subject(number: int) -> str:
    """Return the subject of the rows of a call list, by which a done row stays done."""
    return f"call_list:{number}"


def still_to_call(
    entries: Iterable[CallListEntry], last_talk: date | None
) -> list[tuple[str, int, dict[str, str | int | float]]]:
    """Return subject, urgency and parameters of the lists since which there was no talk."""
    return [
        (call_list_subject(one.id), 0, {"segment": one.segment})
        for one in entries
        if last_talk is None or last_talk < one.made
    ]


def check_size(customers: int) -> None:
    """Check how many customers a list would have. Raises ``CallListRefusedError``."""
    if not customers:
        raise CallListRefusedError(CallListProblem.EMPTY)
    if customers > MAX_CALL_LIST:
        raise CallListRefusedError(CallListProblem.TOO_MANY)
