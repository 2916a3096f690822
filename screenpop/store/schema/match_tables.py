"""Tables of duplicates and of numbers that need correction, kept up with every change."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from screenpop.store.schema.columns import IdType, foreign_key_column, timestamp_column
from screenpop.store.schema.tables import customers, metadata

# ``customers.match_keys``: none of a merged customer.
match_keys = Table(
    "match_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True, primary_key=True),
    sqlite_with_rowid=False,
)

# The keys of several customers, of whom not all were marked as different people.
duplicate_groups = Table(
    "duplicate_groups",
    metadata,
    Column("key", IdType, primary_key=True, autoincrement=False),
)

different_people = Table(
    "different_people",
    metadata,
    foreign_key_column("older_id", "customers.id", gone="CASCADE", primary_key=True),
    foreign_key_column("newer_id", "customers.id", gone="CASCADE", index=True, primary_key=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
)

# Numbers that have a problem or had it until another customer was changed.
number_problems = Table(
    "number_problems",
    metadata,
    Column("problem", Text, primary_key=True),  # as ``number_quality.NumberProblem``
    foreign_key_column(
        "phone_id", "customer_phones.id", gone="CASCADE", index=True, primary_key=True
    ),
)

# Customers whose rows in these tables are to be written: imported ones, or all in a new version.
customers_to_match = Table(
    "customers_to_match",
    metadata,
    Column("id", IdType, primary_key=True, autoincrement=False),
)

_born = customers.c.birthday.is_not(None)
Index("ix_customers_birthday", customers.c.birthday, sqlite_where=_born, postgresql_where=_born)
