"""The table of requests that were refused for want of a right."""

from sqlalchemy import Column, Index, Table, Text

from screenpop.store.schema.columns import (
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

# Refusals (403) of the server, a few of each user and address; see ``web.auth.refusal_log``.
refusal_records = Table(
    "refusal_records",
    metadata,
    id_column(),
    timestamp_column("at"),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("token"),  # the name of the API token
    text_column("address"),
    Column("method", Text, nullable=False),
    Column("route", Text, nullable=False),  # its pattern, without the numbers of records
    Column("code", Text, nullable=False),  # as in ``web.error_pages.SENTENCES``
    Index(None, "at", "id"),
)
