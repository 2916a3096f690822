"""A customer on the way out of the records, into a sheet."""

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.records import CustomerId, PersonName
from screenpop.values import dataclass


@dataclass(frozen=True, slots=True)
class CustomerGoingOut:
    id: CustomerId
    draft: CustomerDraft
    owner: str = ""
    """The name of whose customer it is: as people know it, or, where several have the same, as they
    log in."""
    sent_by: PersonName | None = None
    """The customer who sent them, as first written."""
