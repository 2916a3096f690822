"""Alembic environment: runs on the connection that ``store.engine.migrate`` passes in."""

from alembic import context

from screenpop.store.schema.customer_tables import all_tables
from screenpop.store.search.queries import is_search_table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=all_tables,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=False,
    on_version_apply=context.config.attributes.get("on_version_apply", ()),
    include_name=lambda name, _kind, _parents: not is_search_table(name),
)
with context.begin_transaction():
    context.run_migrations()
