"""Own fields for the columns of a sheet, as the command line names them."""

import time

from screenpop.customers.import_columns import SheetPreview
from screenpop.customers.own_fields import field_with_name
from screenpop.importing.column_choice import InvalidColumnChoiceError, find_columns
from screenpop.store.engine.database import Database
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.from_column import field_for_column

_LANGUAGE = "en"


async def own_field_of(database: Database, look: SheetPreview, heading: str, name: str) -> int:
    """Return the id of the own field ``name``, or of the one for the column, made if needed.

    Raises ``InvalidColumnChoiceError`` (``unknown_column``, ``unknown_own_field``) and
    ``OwnFieldRefusedError``.
    """
    if name.strip():
        there = field_with_name(await list_own_fields(database), name)
        if there is None:
            raise InvalidColumnChoiceError("unknown_own_field", name.strip())
        return there.id
    places = find_columns(look, heading)
    if not places:
        raise InvalidColumnChoiceError("unknown_column", heading)
    place = places[0]
    column = look.columns[place]
    return await field_for_column(database, column, place + 1, _LANGUAGE, time.time())
