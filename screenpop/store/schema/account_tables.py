"""Accounts: users, their phones, their sessions and the record of logins."""

from sqlalchemy import Boolean, Column, Double, Index, Table, Text, UniqueConstraint, true

from screenpop.store.schema.columns import (
    IdType,
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

users = Table(
    "users",
    metadata,
    id_column(),
    Column("username", Text, nullable=False, unique=True),  # folded for comparison: unique
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("language", Text, nullable=False),
    text_column("card_preferences"),  # JSON; empty: the defaults
    Column("branch_id", IdType),  # as in ``branches``, which empties it
    Column("active", Boolean, nullable=False, server_default=true()),
    timestamp_column("created_at"),
    timestamp_column("password_changed_at", nullable=True),
    timestamp_column("first_password_until", nullable=True),  # see ``first_passwords``
    timestamp_column("deleted_at", nullable=True),  # the row stays, for the name in calls and logs
)

user_endpoints = Table(
    "user_endpoints",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE", index=True),
    text_column("pbx"),  # empty: on any PBX
    Column("endpoint", Text, nullable=False),
    UniqueConstraint("pbx", "endpoint"),
)

sessions = Table(
    "sessions",
    metadata,
    id_column(),
    Column("token_hash", Text, nullable=False, unique=True),
    foreign_key_column("user_id", "users.id", gone="CASCADE", index=True),
    Column("csrf", Text, nullable=False),
    timestamp_column("created_at"),
    timestamp_column("last_seen_at"),
    Column("expires_at", Double, nullable=False, index=True),
    text_column("browser"),
    text_column("address"),
    # When the password was entered again in this session.
    timestamp_column("confirmed_at", nullable=True),
)

# Logins and failed logins; ``user_id`` is empty when no user has the name that was entered.
login_records = Table(
    "login_records",
    metadata,
    id_column(),
    timestamp_column("at"),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    Column("outcome", Text, nullable=False),
    text_column("address"),
    text_column("browser"),
    Index(None, "at", "id"),
)
