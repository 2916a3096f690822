"""A customer on the way out of the records, into a sheet."""

from dataclasses import dataclass

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.file import FileCase
from screenpop.customers.records import CustomerId, PersonName


@dataclass(frozen=True, slots=True)
class TripMore:
    """What a draft of a trip does not say; amounts in the trip's currency."""

    supplier: str
    margin: int
    rating: int | None
    feedback: str


@dataclass(frozen=True, slots=True)
class CustomerGoingOut:
    id: CustomerId
    draft: CustomerDraft
    trips: tuple[TripMore, ...] = ()
    """One for each trip of the draft."""
    cases: tuple[FileCase, ...] = ()
    owner: str = ""
    """The display name of whose customer it is."""
    sent_by: PersonName | None = None
    """The customer who sent them, as first written."""
