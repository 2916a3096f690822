"""Unfinished text of users: forms and notes that are not saved yet."""

from sqlalchemy import JSON, Column, Index, Table, Text

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import metadata

# Kept a day at most; see ``store.accounts.form_drafts``.
form_drafts = Table(
    "form_drafts",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE"),
    Column("form", Text, nullable=False),  # the path of a form, ``note:`` and a card, ``answers``
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", nullable=True, index=True),
    Column("content", JSON, nullable=False),  # as ``FormDraft``: values, given, version
    timestamp_column("saved_at"),
    Index(None, "user_id", "form", unique=True),
    Index(None, "saved_at"),
)
