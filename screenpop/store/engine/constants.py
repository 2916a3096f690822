"""Constants of a statement as text in its SQL, instead of parameters."""

from typing import Any, cast

from sqlalchemy import BindParameter, Select, literal_column
from sqlalchemy.sql.visitors import replacement_traverse


def with_constants_in_text(statement: Select[Any]) -> Select[Any]:
    """Return the statement with its texts and whole numbers written into the SQL.

    For a statement that is built once and whose values are named parameters. SQLite prepares a
    statement anew at each execution when a parameter decides whether a partial index serves, as in
    "state = ?" with an index "WHERE state = 'open'"; benchmark ``agent_work``.
    """
    return cast(Select[Any], replacement_traverse(statement, {}, _literal))


def _literal(element: Any, **_: object) -> Any:
    """Return a constant as SQL text; None for anything else."""
    if not isinstance(element, BindParameter) or not element.unique:
        return None
    value = element.value
    if isinstance(value, str) and "\0" not in value:
        quoted = value.replace("'", "''")
        return literal_column(f"'{quoted}'", element.type)
    return literal_column(str(int(value)), element.type) if isinstance(value, int) else None
