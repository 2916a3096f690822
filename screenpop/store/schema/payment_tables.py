"""Tables of payments."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from screenpop.store.schema.columns import (
    foreign_key_column,
    free_text_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

# Instalments and cheques of a trip; amounts in hundredths of their currency. The summary of a
# trip's rows is ``trips.payments``, and what is paid of them ``trips.paid``.
trip_payments = Table(
    "trip_payments",
    metadata,
    id_column(),
    foreign_key_column("trip_id", "trips.id", gone="CASCADE", index=True),
    Column("method", Text, nullable=False),  # as customers.payments.PaymentMethod
    Column("state", Text, nullable=False),  # as customers.payments.PaymentState
    Column("cents", BigInteger, nullable=False),
    text_column("currency"),
    Column("counts_as", BigInteger),  # hundredths of the trip's currency, of another currency
    Column("due", Date),
    Column("made_on", Date),
    Column("paid_on", Date),
    Column("returned_on", Date),
    text_column("cheque_number"),
    text_column("bank"),
    free_text_column("note"),
    foreign_key_column("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True),
    timestamp_column("created_at"),
    timestamp_column("changed_at"),
)
