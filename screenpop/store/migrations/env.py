"""Alembic's side: run with a connection that ``store.migrate`` hands over."""

from alembic import context

from screenpop.store.finding import is_an_index
from screenpop.store.people_tables import all_tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=all_tables,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=False,
    include_name=lambda name, _kind, _parents: not is_an_index(name),
)
with context.begin_transaction():
    context.run_migrations()
