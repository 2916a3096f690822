"""Two own fields of the invented office, one on the card, with values for some customers."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CustomerId
from screenpop.customers.own_fields import OwnKind, OwnSubject
from screenpop.demo.fixtures import DemoCustomer
from screenpop.store.schema.own_field_tables import own_fields
from screenpop.store.schema.tables import customers

_PREFERENCE = {"en": "Seat preference", "fa": "صندلی دلخواه", "el": "Προτίμηση θέσης"}
_CHOICES = (
    {"en": "Window", "fa": "کنار پنجره", "el": "Παράθυρο"},
    {"en": "Aisle", "fa": "کنار راهرو", "el": "Διάδρομος"},
    {"en": "Exit row", "fa": "ردیف خروج", "el": "Έξοδος κινδύνου"},
)
_ISSUER = {"en": "Passport office", "fa": "محل صدور گذرنامه", "el": "Αρχή έκδοσης διαβατηρίου"}
_ISSUERS = {
    "fa": ("تهران، پاسداران", "شیراز، چمران", "اصفهان، شیخ صدوق"),
    "el": ("Αθήνα, Πέτρου Ράλλη", "Θεσσαλονίκη, Μοναστηρίου"),
    "en": ("London", "Belfast", "Durham"),
}
_WITH_BOTH = 40
"""Customers at the head of the list, the showcase among them, that have both values."""
_EVERY = 4
"""One of so many of the others has a preference."""


async def add_own_fields(
    connection: AsyncConnection, pairs: Sequence[tuple[CustomerId, DemoCustomer]], now: float
) -> None:
    choices = [
        {"id": place, "names": names, "active": True, "gone": False}
        for place, names in enumerate(_CHOICES, start=1)
    ]
    preference = await _add(connection, OwnKind.CHOICE, _PREFERENCE, choices, (1, now))
    issuer = await _add(connection, OwnKind.TEXT, _ISSUER, [], (2, now))
    rows = []
    first = range(_WITH_BOTH)
    for place, (customer_id, person) in enumerate(pairs):
        own: dict[str, str | int] = {}
        if place in first or place % _EVERY == 0:
            own[preference] = (place + 1) % len(_CHOICES) + 1
        if place in first:
            issuers = _ISSUERS.get(person.draft.language, _ISSUERS["en"])
            own[issuer] = issuers[place % len(issuers)]
        if own:
            rows.append({"which": customer_id, "values": own})
    if rows:
        await connection.execute(
            update(customers)
            .where(customers.c.id == bindparam("which"))
            .values(own=bindparam("values")),
            rows,
        )


async def _add(
    connection: AsyncConnection,
    kind: OwnKind,
    names: dict[str, str],
    choices: list[dict[str, object]],
    position_and_time: tuple[int, float],
) -> str:
    position, now = position_and_time
    done = await connection.execute(
        insert(own_fields)
        .values(
            subject=OwnSubject.CUSTOMER.value,
            kind=kind.value,
            names=names,
            choices=choices,
            position=position,
            on_card=kind is OwnKind.CHOICE,
            changed_at=now,
        )
        .returning(own_fields.c.id)
    )
    return str(done.scalar_one())
