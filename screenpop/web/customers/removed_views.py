"""What was removed from a customer within a day: shown on the page, and put back."""

from starlette.exceptions import HTTPException

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.customers.models import CustomerId
from screenpop.store.customers.put_back import put_back
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.customers.removed import RemovedKind, list_removed
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext

_PLACES = {
    RemovedKind.PHONE: "#numbers",
    RemovedKind.DOCUMENT: "#documents",
    RemovedKind.ATTACHMENT: "#attachments",
}


async def undo_removal(
    context: WebContext, current_user: CurrentUser, number: int, item_id: int
) -> str:
    """Put back what was removed; return the place of the page that shows it.

    Raises 404, and ``CustomerRefusedError`` where it was added again meanwhile.
    """
    try:
        kind = await put_back(
            context.database,
            CustomerId(number),
            item_id,
            _kinds(current_user),
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except CustomerRefusedError as refused:
        if refused.code == "unknown_customer":
            raise HTTPException(404, "not_found") from refused
        raise
    return _PLACES[kind]


async def removed_views(
    context: WebContext, current_user: CurrentUser, number: CustomerId
) -> list[View]:
    """Return what a user can put back, the last removal first; none without the right to edit."""
    if not current_user.may(Right.EDIT_CUSTOMERS):
        return []
    kinds = _kinds(current_user)
    return [
        {"id": one.id, "kind": one.kind.value, "what": _text(one.kind, one.what), "at": one.at}
        for one in await list_removed(context.database, number, context.clock())
        if one.kind in kinds
    ]


def _text(kind: RemovedKind, what: str) -> str:
    if kind is RemovedKind.PHONE and what.startswith("+"):
        return format_for_people(E164(what))
    return what


def _kinds(current_user: CurrentUser) -> tuple[RemovedKind, ...]:
    if Section.PERSONAL in sections_for(current_user.user):
        return tuple(RemovedKind)
    return (RemovedKind.PHONE,)
