"""Vouchers: what one is worth, and what has become of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.customers.models import CustomerId

MAX_DAYS = 3_650
"""Days that a voucher is valid at most."""
MAX_BATCH = 1_000
"""Vouchers of one batch at most."""
MAX_REASON = 200
MAX_PLACE = 80
MAX_KEY = 100


class VoucherKind(StrEnum):
    AMOUNT = "amount"
    PERCENT = "percent"
    GIFT = "gift"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherWorth:
    kind: VoucherKind
    amount: int = 0
    """Whole units of ``currency``: of a gift what it is worth; 0: not known."""
    currency: str = ""
    percent: int = 0
    gift: str = ""
    """What is given, in the words of the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherTerms:
    """What an offer gives to a customer who accepts it."""

    worth: VoucherWorth
    days: int
    """The last day is this many days after the one on which it is made."""
    is_bound: bool = True
    """Only the customer who got it can use it."""


class VoucherState(StrEnum):
    OPEN = "open"
    """Can be redeemed, now or from its first day on."""
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class VoucherRefusal(StrEnum):
    """Why a voucher is not redeemed, cancelled or reversed."""

    UNKNOWN = "voucher_unknown"
    MISTYPED = "voucher_mistyped"
    """The check character does not fit the others."""
    USED = "voucher_used"
    CANCELLED = "voucher_cancelled"
    EXPIRED = "voucher_expired"
    NOT_YET = "voucher_not_yet"
    OTHER_CUSTOMER = "voucher_other_customer"
    CUSTOMER_NEEDED = "voucher_customer_needed"
    NOT_USED = "voucher_not_used"
    """Only a redeemed voucher can be given back."""
    REASON_NEEDED = "voucher_reason_needed"
    KEY_USED = "voucher_key_used"
    """A request with this key was about something else."""
    NO_VOUCHER = "voucher_not_in_offer"
    """The offer gives none."""
    DAYS_REVERSED = "voucher_days_reversed"
    TOO_LONG = "voucher_days_too_long"
    COUNT = "voucher_count"


_CLOSED = {
    VoucherState.REDEEMED: VoucherRefusal.USED,
    VoucherState.CANCELLED: VoucherRefusal.CANCELLED,
    VoucherState.EXPIRED: VoucherRefusal.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    id: int
    code: str
    offer_id: int
    offer_name: str
    customer_id: CustomerId | None
    """Who got it; None for one of a batch, and after the customer was erased."""
    is_bound: bool
    worth: VoucherWorth
    valid_from: date | None
    valid_to: date | None
    """The last day."""
    issued_at: float
    redeemed_at: float | None
    redeemed_by: str
    redeemed_place: str
    cancelled_at: float | None

    def state_on(self, today: date) -> VoucherState:
        if self.redeemed_at is not None:
            return VoucherState.REDEEMED
        if self.cancelled_at is not None:
            return VoucherState.CANCELLED
        if self.valid_to is not None and self.valid_to < today:
            return VoucherState.EXPIRED
        return VoucherState.OPEN

    def is_early(self, today: date) -> bool:
        """Return whether its first day is still to come."""
        return self.valid_from is not None and today < self.valid_from

    def refusal_for(self, customer_id: CustomerId | None, today: date) -> VoucherRefusal | None:
        """Return why it is not redeemed for a customer on a day; None: it can be."""
        closed = _CLOSED.get(self.state_on(today))
        if closed is not None:
            return closed
        if self.is_early(today):
            return VoucherRefusal.NOT_YET
        if self.is_bound and customer_id is None:
            return VoucherRefusal.CUSTOMER_NEEDED
        if self.is_bound and customer_id != self.customer_id:
            return VoucherRefusal.OTHER_CUSTOMER
        return None
