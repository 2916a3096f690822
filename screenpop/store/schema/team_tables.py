"""Teams of agents, and the supervisors who see their calls."""

from sqlalchemy import Column, Table, Text

from screenpop.store.schema.columns import foreign_key_column, id_column
from screenpop.store.schema.tables import metadata

teams = Table(
    "teams",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, unique=True),
)

team_members = Table(
    "team_members",
    metadata,
    foreign_key_column("team_id", "teams.id", gone="CASCADE", primary_key=True),
    foreign_key_column("user_id", "users.id", gone="CASCADE", primary_key=True, index=True),
)

# A supervisor in none of these sees all calls.
team_supervisors = Table(
    "team_supervisors",
    metadata,
    foreign_key_column("team_id", "teams.id", gone="CASCADE", primary_key=True),
    foreign_key_column("user_id", "users.id", gone="CASCADE", primary_key=True, index=True),
)
