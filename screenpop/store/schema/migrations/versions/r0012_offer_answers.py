"""Answers to offers, in a table of their own; those in old traces are carried over."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANSWERED = "offer_answered"

calls = sa.table("calls", sa.column("id", ID), sa.column("customer_id", ID))
traces = sa.table("call_traces", sa.column("call_id", ID), sa.column("steps", sa.JSON()))
users = sa.table("users", sa.column("id", ID), sa.column("display_name", sa.Text()))
answers = sa.table(
    "offer_answers",
    sa.column("customer_id", ID),
    sa.column("offer", sa.Text()),
    sa.column("answer", sa.Text()),
    sa.column("reason", sa.JSON()),
    sa.column("call_id", ID),
    sa.column("user_id", ID),
    sa.column("agent", sa.Text()),
    sa.column("at", sa.Double()),
)


def upgrade() -> None:
    op.create_table(
        "offer_answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("call_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_answers")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_offer_answers_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
            name=op.f("fk_offer_answers_call_id_calls"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_offer_answers_user_id_users"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(
        op.f("ix_offer_answers_customer_id_at"),
        "offer_answers",
        ["customer_id", "at"],
        unique=False,
    )
    op.create_index(op.f("ix_offer_answers_call_id"), "offer_answers", ["call_id"], unique=False)
    _carry_over(op.get_bind())


def _carry_over(connection: sa.Connection) -> None:
    by_name = _users_of_one_name(connection)
    after = 0
    while True:
        found = connection.execute(
            sa.select(traces.c.call_id, traces.c.steps, calls.c.customer_id)
            .select_from(traces.join(calls, calls.c.id == traces.c.call_id))
            .where(
                traces.c.call_id > after,
                calls.c.customer_id.is_not(None),
                sa.cast(traces.c.steps, sa.Text()).contains(ANSWERED),
            )
            .order_by(traces.c.call_id)
            .limit(500)
        ).all()
        if not found:
            return
        after = found[-1].call_id
        rows = [row for one in found for row in _answers(one, by_name)]
        if rows:
            connection.execute(sa.insert(answers), rows)


def _users_of_one_name(connection: sa.Connection) -> dict[str, int]:
    """Return users with a unique display name; old traces have no more than that name."""
    people = connection.execute(sa.select(users.c.id, users.c.display_name)).all()
    names = [person.display_name for person in people]
    return {
        person.display_name: person.id for person in people if names.count(person.display_name) == 1
    }


def _answers(trace: Any, by_name: dict[str, int]) -> Iterator[dict[str, Any]]:
    for step in trace.steps or ():
        if not isinstance(step, dict) or step.get("step") != ANSWERED:
            continue
        agent = str(step.get("agent") or "")
        yield {
            "customer_id": trace.customer_id,
            "offer": str(step.get("offer") or ""),
            "answer": str(step.get("answer") or ""),
            "reason": {},
            "call_id": trace.call_id,
            "user_id": by_name.get(agent),
            "agent": agent,
            "at": float(step.get("at") or 0.0),
        }
