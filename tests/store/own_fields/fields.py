"""Own fields as an office makes them."""

from dataclasses import replace

from screenpop.customers.own_fields import OwnChoice, OwnField, OwnKind, OwnSubject
from screenpop.store.engine.database import Database
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.editing import OwnFieldEdit, save_own_field

SIDE = OwnField(
    kind=OwnKind.CHOICE,
    names={"en": "Seat", "fa": "صندلی", "el": "Θέση"},
    choices=(
        OwnChoice(1, {"en": "Window", "fa": "کنار پنجره"}),
        OwnChoice(2, {"en": "Aisle", "fa": "کنار راهرو"}),
    ),
)
OFFICE = OwnField(kind=OwnKind.TEXT, names={"en": "Passport office"})
VOUCHER = OwnField(kind=OwnKind.TEXT, names={"en": "Voucher"}, subject=OwnSubject.TRIP)


async def make(database: Database, field: OwnField) -> OwnField:
    """Store a new field; return it with its id."""
    return replace(field, id=await edit(database, field))


async def edit(
    database: Database, field: OwnField, moves: dict[int, int | None] | None = None
) -> int:
    return await save_own_field(database, OwnFieldEdit(field, moves or {}, "en"), 1.0)


async def stored(database: Database, field_id: int) -> OwnField:
    return next(one for one in await list_own_fields(database) if one.id == field_id)
