"""Search words of own fields, for ``store.search`` and for new customers.

Words of customers' fields go with those of notes, which not every department may search.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.own_fields import OwnField, OwnSubject
from screenpop.customers.own_values import own_from_json, search_texts
from screenpop.store.own_fields.definitions import load_own_fields
from screenpop.store.search.queries import searchable_words


class OwnTexts(NamedTuple):
    of_customer: Sequence[str] = ()
    of_trips: Sequence[str] = ()


async def own_texts(
    connection: AsyncConnection,
    customers: Mapping[int, object],
    trips: Mapping[int, Sequence[object]],
) -> dict[int, OwnTexts]:
    """Return the texts that find each customer, given ``own`` of them and of their trips."""
    if not any(customers.values()) and not any(any(some) for some in trips.values()):
        return dict.fromkeys(customers, OwnTexts())
    fields = await load_own_fields(connection)
    return {
        customer_id: _texts(fields, own, trips.get(customer_id, ()))
        for customer_id, own in customers.items()
    }


async def add_own_words(
    connection: AsyncConnection, drafts: Sequence[CustomerDraft], rows: Sequence[dict[str, Any]]
) -> None:
    """Add the words of own fields to the rows of new customers, one for each draft."""
    if not any(draft.own or any(trip.own for trip in draft.trips) for draft in drafts):
        return
    fields = await load_own_fields(connection)
    for draft, row in zip(drafts, rows, strict=True):
        found = _texts(fields, draft.own, [trip.own for trip in draft.trips])
        for column, texts in (
            ("folded_notes", found.of_customer),
            ("folded", found.of_trips),
        ):
            if texts:
                row[column] = searchable_words([row[column], *texts])


def _texts(fields: Iterable[OwnField], own: object, trips: Iterable[object]) -> OwnTexts:
    of_customers = [one for one in fields if one.subject is OwnSubject.CUSTOMER]
    of_trips = [one for one in fields if one.subject is OwnSubject.TRIP]
    return OwnTexts(
        search_texts(of_customers, own_from_json(own)),
        [text for trip in trips for text in search_texts(of_trips, own_from_json(trip))],
    )
