"""Columns of an import that become own fields: those there are, and new ones by an admin."""

from dataclasses import replace

from screenpop.accounts.users import Right
from screenpop.customers.own_fields import OwnFieldRefusedError, OwnSubject, active_fields
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.from_column import field_for_column
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.context import WebContext
from screenpop.web.imports.port import ColumnInput, ImportView, WrongStageError

NEW = "own_new"
"""The choice that makes a field for a column."""


async def own_column_options(
    context: WebContext, language: str
) -> dict[str, list[tuple[str, str]]]:
    """Return the codes and names of own fields that a column can be, by their subject."""
    fields = await list_own_fields(context.database)
    return {
        subject.value: [
            (f"own:{one.id}", one.name(language)) for one in active_fields(fields, subject)
        ]
        for subject in OwnSubject
    }


async def make_own_columns(
    context: WebContext,
    current_user: CurrentUser,
    view: ImportView,
    columns: ColumnInput,
    language: str,
) -> ColumnInput:
    """Return the columns with a field for each that shall get a new one.

    Raises ``WrongStageError``: ``own_needs_admin``, and the problems of a definition.
    """
    if NEW not in columns.fields or view.seen is None:
        return columns
    if not current_user.may(Right.MANAGE_USERS):
        raise WrongStageError("own_needs_admin")
    fields = list(columns.fields)
    for place, (code, column) in enumerate(zip(fields, view.seen.columns, strict=False)):
        if code != NEW:
            continue
        try:
            own = await field_for_column(
                context.database, column, place + 1, language, context.clock()
            )
        except OwnFieldRefusedError as refused:
            raise WrongStageError(refused.problem.value) from refused
        fields[place] = f"own:{own}"
    return replace(columns, fields=tuple(fields))
