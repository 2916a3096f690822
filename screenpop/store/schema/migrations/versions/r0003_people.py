"""Travellers, case history, audit log, merges, chosen customers of numbers; the search index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    _columns()
    _travellers_and_steps()
    _changes_and_looks()
    _choices_and_merges()
    _search()


def _columns() -> None:
    with op.batch_alter_table("customers") as batch:
        batch.add_column(sa.Column("wishes", sa.JSON(), server_default="{}", nullable=False))
        batch.add_column(sa.Column("consents", sa.JSON(), server_default="{}", nullable=False))
        for name, target in (
            ("owner_id", "users"),
            ("referred_by_id", "customers"),
            ("merged_into_id", "customers"),
        ):
            batch.add_column(sa.Column(name, ID, nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_customers_{name}_{target}"), target, [name], ["id"], ondelete="SET NULL"
            )
        batch.add_column(_words("folded_notes"))
    op.create_index(op.f("ix_customers_merged_into_id"), "customers", ["merged_into_id"])
    with op.batch_alter_table("trips") as batch:
        batch.add_column(_words("supplier"))
        batch.add_column(sa.Column("margin", sa.BigInteger(), server_default="0", nullable=False))
        batch.add_column(sa.Column("feedback_asked", sa.Date(), nullable=True))
        batch.add_column(_words("feedback"))


def _points_to(table: str, name: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}_{target}"), ondelete=gone
    )


def _key(table: str, name: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(name, name=op.f(f"pk_{table}"))


def _travellers_and_steps() -> None:
    op.create_table(
        "trip_travellers",
        sa.Column("id", ID, nullable=False),
        sa.Column("trip_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=True),
        _words("name"),
        sa.Column("child", sa.Boolean(), server_default=sa.false(), nullable=False),
        _key("trip_travellers"),
        _points_to("trip_travellers", "trip_id", "trips", "CASCADE"),
        _points_to("trip_travellers", "customer_id", "customers", "SET NULL"),
    )
    for name in ("trip_id", "customer_id"):
        op.create_index(op.f(f"ix_trip_travellers_{name}"), "trip_travellers", [name])
    op.create_table(
        "case_steps",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        _words("text"),
        sa.Column("due", sa.Date(), nullable=True),
        _key("case_steps"),
        _points_to("case_steps", "case_id", "cases", "CASCADE"),
        _points_to("case_steps", "user_id", "users", "SET NULL"),
    )
    op.create_index(op.f("ix_case_steps_case_id"), "case_steps", ["case_id"])


def _changes_and_looks() -> None:
    op.create_table(
        "customer_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        _key("customer_changes"),
        _points_to("customer_changes", "customer_id", "customers", "CASCADE"),
        _points_to("customer_changes", "user_id", "users", "SET NULL"),
    )
    op.create_index(
        op.f("ix_customer_changes_customer_id_at"), "customer_changes", ["customer_id", "at"]
    )
    op.create_table(
        "customer_looks",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        _key("customer_looks"),
        _points_to("customer_looks", "customer_id", "customers", "CASCADE"),
        _points_to("customer_looks", "user_id", "users", "CASCADE"),
    )
    op.create_index(
        op.f("ix_customer_looks_customer_id_last_at"),
        "customer_looks",
        ["customer_id", "last_at"],
    )


def _choices_and_merges() -> None:
    op.create_table(
        "number_choices",
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        _key("number_choices", "e164"),
        _points_to("number_choices", "customer_id", "customers", "CASCADE"),
        _points_to("number_choices", "user_id", "users", "SET NULL"),
    )
    op.create_index(op.f("ix_number_choices_customer_id"), "number_choices", ["customer_id"])
    op.create_table(
        "customer_merges",
        sa.Column("id", ID, nullable=False),
        sa.Column("kept_id", ID, nullable=False),
        sa.Column("gone_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("undone_at", sa.Double(), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        _key("customer_merges"),
        _points_to("customer_merges", "kept_id", "customers", "CASCADE"),
        _points_to("customer_merges", "gone_id", "customers", "CASCADE"),
        _points_to("customer_merges", "user_id", "users", "SET NULL"),
    )
    for name in ("kept_id", "gone_id"):
        op.create_index(op.f(f"ix_customer_merges_{name}"), "customer_merges", [name])


def _search() -> None:
    op.create_table(
        "customers_to_find", sa.Column("id", ID, nullable=False), _key("customers_to_find")
    )
    _search_index()


def _search_index() -> None:
    """Create the index of ``store.search.queries``; the next start writes the words again."""
    if op.get_bind().dialect.name == "sqlite":
        _search_sqlite()
        return
    # A word longer than 2 kB could not be indexed.
    op.execute(
        r"UPDATE customers SET folded = regexp_replace(folded, '(\S{40})\S+', '\1', 'g')"
        r" WHERE folded ~ '\S{41}'"
    )
    for name in ("folded", "folded_notes"):
        op.execute(
            f"CREATE INDEX ix_customers_words_of_{name} ON customers"
            f" USING gin (array_to_tsvector(string_to_array({name}, ' ')))"
        )


def _search_sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE customers_found USING fts5(folded, folded_notes,"
        " content='customers', content_rowid='id', tokenize='ascii', prefix='1 2 3 4',"
        " detail='column', columnsize=0)"
    )
    op.execute("INSERT INTO customers_found(customers_found) VALUES('rebuild')")
    waits = "SELECT 1 FROM customers_to_find WHERE id = old.id"
    # FTS5 requires deletion of exactly what was inserted: rows that wait are not in the index.
    old = (
        "INSERT INTO customers_found(customers_found, rowid, folded, folded_notes)"
        " SELECT 'delete', old.id, old.folded, old.folded_notes"
        f" WHERE NOT EXISTS ({waits});"
    )
    no_more = "DELETE FROM customers_to_find WHERE id = old.id;"
    new = (
        "INSERT INTO customers_found(rowid, folded, folded_notes)"
        " VALUES (new.id, new.folded, new.folded_notes);"
    )
    for name, when in (
        ("insert", f"AFTER INSERT ON customers WHEN new.import_batch_id IS NULL BEGIN {new} END"),
        (
            "insert_later",
            "AFTER INSERT ON customers WHEN new.import_batch_id IS NOT NULL"
            " BEGIN INSERT INTO customers_to_find(id) VALUES (new.id); END",
        ),
        (
            "delete",
            f"AFTER DELETE ON customers BEGIN {old} {no_more} END",
        ),
        (
            "update",
            "AFTER UPDATE OF folded, folded_notes ON customers"
            " WHEN (old.folded <> new.folded OR old.folded_notes <> new.folded_notes)"
            f" AND NOT EXISTS ({waits}) BEGIN {old} {new} END",
        ),
    ):
        op.execute(f"CREATE TRIGGER customers_found_{name} {when}")
