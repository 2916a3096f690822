"""The choices of columns that people made before, as the reading process takes them."""

from contextlib import suppress

from screenpop.customers.import_columns import ColumnMapping
from screenpop.store.engine.database import Database
from screenpop.store.imports.column_mappings import load_column_mappings


async def remembered_mappings(database: Database) -> dict[str, ColumnMapping]:
    """By the key of their headings. One that this version cannot read is left out."""
    found: dict[str, ColumnMapping] = {}
    for key, plain in (await load_column_mappings(database)).items():
        with suppress(ValueError):
            found[key] = ColumnMapping.from_plain(plain)
    return found
