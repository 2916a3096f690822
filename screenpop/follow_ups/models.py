"""A follow-up as it is stored, and as it is made."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId

FollowUpId = NewType("FollowUpId", int)

MAX_PROMISE_LENGTH = 500
"""Characters of what was promised."""


class FollowUpSource(StrEnum):
    CALL = "call"
    """Made on a card, during its call or after it."""
    OFFER_LATER = "offer_later"
    """Made by the answer "later" to an offer."""
    MANUAL = "manual"
    """Made on a page."""


class FollowUpState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class FollowUpProblem(StrEnum):
    """Why a follow-up was not made or changed."""

    DUE_IN_PAST = "due_in_past"
    DUE_TOO_FAR = "due_too_far"
    PROMISE_TOO_LONG = "promise_too_long"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_FOLLOW_UP = "unknown_follow_up"
    FOLLOW_UP_CLOSED = "follow_up_closed"
    """It was done or cancelled meanwhile."""


class FollowUpRefusedError(Exception):
    """A follow-up is not made or changed."""

    def __init__(self, code: FollowUpProblem) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class NewFollowUp:
    customer_id: CustomerId
    due: date
    promise: str
    """What was promised; may be empty."""
    source: FollowUpSource
    assigned_to: UserId | None
    """None: for any user."""
    made_by: UserId | None
    """None: by a program."""
    offer: str = ""
    """The id of the offer that was answered with "later"."""
    request_key: str = ""
    """The id of the request, unique; a repeated request makes no second follow-up. Empty: none."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    id: FollowUpId
    customer_id: CustomerId
    call_id: int | None
    """The row of the call; None where there was none, and once the call was deleted."""
    due: date
    snoozed_until: date | None
    promise: str
    source: FollowUpSource
    offer: str
    state: FollowUpState
    assigned_to: UserId | None
    assigned_name: str
    made_by: UserId | None
    made_by_name: str
    made_at: float
    """Seconds since 1970."""
    closed_by: UserId | None
    closed_by_name: str
    closed_at: float | None

    @property
    def listed_from(self) -> date:
        """The first day on which it is on the list of what is due."""
        return self.due if self.snoozed_until is None else self.snoozed_until
