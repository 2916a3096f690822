"""Teams of agents, and the supervisors who see their calls."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    for table in ("team_members", "team_supervisors"):
        op.create_table(
            table,
            sa.Column("team_id", ID, autoincrement=False, nullable=False),
            sa.Column("user_id", ID, autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f(f"pk_{table}")),
            *(
                sa.ForeignKeyConstraint(
                    [column],
                    [f"{target}.id"],
                    name=op.f(f"fk_{table}_{column}_{target}"),
                    ondelete="CASCADE",
                )
                for column, target in (("team_id", "teams"), ("user_id", "users"))
            ),
        )
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
