"""The choices of columns that people made before, as the reading process takes them."""

from contextlib import suppress

from screenpop.spreadsheets.columns import Choice
from screenpop.store.database import Database
from screenpop.store.sheet_choices import remembered_choices


async def remembered(database: Database) -> dict[str, Choice]:
    """By the key of their headings. One that this version cannot read is left out."""
    found: dict[str, Choice] = {}
    for key, plain in (await remembered_choices(database)).items():
        with suppress(ValueError):
            found[key] = Choice.from_plain(plain)
    return found
