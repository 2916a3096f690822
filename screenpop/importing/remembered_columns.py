"""Load the column mappings that users chose for earlier sheets."""

from contextlib import suppress

from screenpop.customers.import_columns import ColumnMapping
from screenpop.store.engine.database import Database
from screenpop.store.imports.column_mappings import load_column_mappings


async def remembered_mappings(database: Database) -> dict[str, ColumnMapping]:
    """Return the mappings by ``headings_key``, without those this version cannot read."""
    mappings: dict[str, ColumnMapping] = {}
    for key, plain in (await load_column_mappings(database)).items():
        with suppress(ValueError):
            mappings[key] = ColumnMapping.from_plain(plain)
    return mappings
