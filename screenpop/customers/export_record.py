"""The record of a customer for an export."""

from dataclasses import dataclass

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName


@dataclass(frozen=True, slots=True)
class CustomerExportRecord:
    id: CustomerId
    draft: CustomerDraft
    owner: str = ""
    """The account manager's display name, or the username where several users have the same."""
    branch: str = ""
    """The name of the branch."""
    sent_by: PersonName | None = None
    """The customer who referred them, as first written."""
    stage: str = ""
    """As ``loyalty.stages.Stage``; empty before the first ``screenpop score``."""
    chance: int | None = None
    """Percent; None where no number is shown."""
    sent: int | None = None
    """How many customers they sent; None before the first run."""
    is_top: bool = False
    """Among the fewest customers that bring 80 % of the profit."""
    best_percent: int | None = None
    """1 for the best hundredth of the customers."""
