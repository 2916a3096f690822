"""A customer on the way out of the records, into a sheet."""

from dataclasses import dataclass

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName


@dataclass(frozen=True, slots=True)
class CustomerExportRecord:
    id: CustomerId
    draft: CustomerDraft
    owner: str = ""
    """The name of whose customer it is: as people know it, or, where several have the same, as they
    log in."""
    sent_by: PersonName | None = None
    """The customer who sent them, as first written."""
