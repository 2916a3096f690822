"""What the list of customers is sorted by.

The maintenance after the start writes the keys of names, the next run the places by value.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TALKED = "{row}.customer_id IS NOT NULL AND {row}.answered_at IS NOT NULL AND {row}.talk_s >= 10.0"
_LATER = """
    INSERT INTO last_contacts (customer_id, at)
    SELECT NEW.customer_id, NEW.answered_at
    WHERE {talked}
    ON CONFLICT (customer_id) DO UPDATE SET at = excluded.at WHERE last_contacts.at < excluded.at;
""".format(talked=_TALKED.format(row="NEW"))
# After a deletion of the customer there is nothing to count again.
_AGAIN = """
    DELETE FROM last_contacts WHERE customer_id = OLD.customer_id AND at <= OLD.answered_at;
    INSERT INTO last_contacts (customer_id, at)
    SELECT calls.customer_id, max(calls.answered_at) FROM calls
    WHERE calls.customer_id = OLD.customer_id AND calls.answered_at IS NOT NULL
    AND calls.talk_s >= 10.0
    AND EXISTS (SELECT 1 FROM customers WHERE customers.id = OLD.customer_id)
    GROUP BY calls.customer_id
    ON CONFLICT (customer_id) DO NOTHING;
"""
_WAS = _TALKED.format(row="OLD")
_CHANGED = """
    (OLD.customer_id <> NEW.customer_id OR NEW.customer_id IS NULL
     OR OLD.answered_at <> NEW.answered_at OR NEW.answered_at IS NULL
     OR NEW.talk_s < 10.0 OR NEW.talk_s IS NULL)
"""


def upgrade() -> None:
    op.create_table(
        "name_orders",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("en", "fa", "el")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_name_orders")),
        _gone_with_customer("name_orders"),
    )
    for name in ("en", "fa", "el"):
        columns = [name, "customer_id"]
        op.create_index(op.f(f"ix_name_orders_{name}_customer_id"), "name_orders", columns)
    op.create_table(
        "last_contacts",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_last_contacts")),
        _gone_with_customer("last_contacts"),
    )
    op.create_index(op.f("ix_last_contacts_at_customer_id"), "last_contacts", ["at", "customer_id"])
    op.execute(
        "INSERT INTO last_contacts (customer_id, at) SELECT customer_id, max(answered_at) "
        "FROM calls WHERE customer_id IS NOT NULL AND answered_at IS NOT NULL AND talk_s >= 10.0"
        " GROUP BY customer_id"
    )
    has_day = sa.text("departs IS NOT NULL")
    op.create_index(
        "ix_trips_departs",
        "trips",
        ["departs", "customer_id"],
        sqlite_where=has_day,
        postgresql_where=has_day,
    )
    without = sa.Column("place", sa.BigInteger(), nullable=False, server_default=str(-(2**63 - 1)))
    op.add_column("customer_values", without)
    op.create_index("ix_customer_values_place", "customer_values", ["place", "customer_id"])
    op.execute("DELETE FROM meta WHERE key = 'values_scored'")
    op.execute(
        "INSERT INTO customers_to_match (id) SELECT id FROM customers "
        "WHERE id NOT IN (SELECT id FROM customers_to_match)"
    )
    (_triggers_sqlite if op.get_bind().dialect.name == "sqlite" else _triggers_postgresql)()


def _triggers_sqlite() -> None:
    columns = "UPDATE OF customer_id, answered_at, talk_s ON calls"
    for name, when, body in (
        ("added", f"INSERT ON calls WHEN {_TALKED.format(row='NEW')}", _LATER),
        ("moved", f"{columns} WHEN {_WAS} AND {_CHANGED}", _AGAIN),
        ("changed", f"{columns} WHEN {_TALKED.format(row='NEW')}", _LATER),
        ("removed", f"DELETE ON calls WHEN {_WAS}", _AGAIN),
    ):
        op.execute(f"CREATE TRIGGER last_contacts_{name} AFTER {when} BEGIN {body} END")


def _triggers_postgresql() -> None:
    columns = "UPDATE OF customer_id, answered_at, talk_s ON calls"
    for name, when, condition, body, row in (
        ("added", "INSERT ON calls", _TALKED.format(row="NEW"), _LATER, "NEW"),
        ("moved", columns, f"{_WAS} AND {_CHANGED}", _AGAIN, "NEW"),
        ("now_changed", columns, _TALKED.format(row="NEW"), _LATER, "NEW"),
        ("removed", "DELETE ON calls", _WAS, _AGAIN, "OLD"),
    ):
        op.execute(
            f"CREATE FUNCTION last_contacts_{name}() RETURNS trigger AS $$ BEGIN {body} "
            f"RETURN {row}; END $$ LANGUAGE plpgsql"
        )
        op.execute(
            f"CREATE TRIGGER last_contacts_{name} AFTER {when} FOR EACH ROW WHEN ({condition}) "
            f"EXECUTE FUNCTION last_contacts_{name}()"
        )


def _gone_with_customer(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["customer_id"],
        ["customers.id"],
        name=op.f(f"fk_{table}_customer_id_customers"),
        ondelete="CASCADE",
    )
