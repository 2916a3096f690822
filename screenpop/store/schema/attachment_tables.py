"""Tables of files attached to customers; the files themselves lie in a folder, encrypted."""

from sqlalchemy import BigInteger, Column, Table, Text

from screenpop.store.schema.columns import (
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

customer_attachments = Table(
    "customer_attachments",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    foreign_key_column("trip_id", "trips.id", gone="SET NULL", nullable=True, index=True),
    Column("kind", Text, nullable=False),  # as customers.attachments.AttachmentKind
    Column("media_type", Text, nullable=False),  # by the content
    Column("size", BigInteger, nullable=False),  # bytes, before encryption
    text_column("name_sealed"),
    text_column("note_sealed"),
    Column("file", Text, nullable=False, unique=True),  # the random name in the folder
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("created_at"),
)

# Files whose rows are gone and that are still to be deleted; written with the deletion of the row.
attachment_removals = Table(
    "attachment_removals", metadata, Column("file", Text, primary_key=True), timestamp_column("at")
)
