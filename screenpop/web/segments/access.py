"""Which segments a user may see and use, and the rights of the pages."""

from collections.abc import Collection, Iterable
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right, UserId
from screenpop.conditions.fields import FIELDS, own_code, sections_of
from screenpop.conditions.json_format import write_condition
from screenpop.conditions.tree import AllOf, Compare, Node, Op
from screenpop.customers.own_fields import OwnField, OwnSubject
from screenpop.store.accounts.users import list_users
from screenpop.store.engine.database import Database
from screenpop.store.segments.bulk_edit import Actor
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.saved import Audience, Segment, list_segments, load_segment
from screenpop.store.segments.selection import Selection
from screenpop.web.auth.current_user import CurrentUser, require_user
from screenpop.web.context import WebContext


async def require_manage_segments(request: Request) -> CurrentUser:
    current_user = await require_user(request)
    if not current_user.may(Right.MANAGE_SEGMENTS):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireManageSegments = Annotated[CurrentUser, Depends(require_manage_segments)]
"""A user who may save segments and rename tags."""


def may_use_condition(node: Node, current_user: CurrentUser) -> bool:
    return sections_of(node) <= sections_for(current_user.user)


def may_use_segment(segment: Segment, current_user: CurrentUser) -> bool:
    """Return whether a user may use a segment: by its audience, and by its fields."""
    if segment.condition is None or not may_use_condition(segment.condition, current_user):
        return False
    return segment.audience is Audience.ALL or current_user.may(Right.MANAGE_SEGMENTS)


def own_codes(
    fields: Iterable[OwnField], used: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of own fields of customers and of trips: active ones, and those ``used``."""
    found: dict[OwnSubject, list[str]] = {subject: [] for subject in OwnSubject}
    for one in fields:
        if one.active or own_code(one) in used:
            found[one.subject].append(own_code(one))
    return tuple(found[OwnSubject.CUSTOMER]), tuple(found[OwnSubject.TRIP])


def usable_fields(codes: tuple[str, ...], current_user: CurrentUser) -> list[str]:
    """Return the fields that the user's department may see."""
    sections: frozenset[Section | None] = sections_for(current_user.user) | {None}
    return [code for code in codes if FIELDS[code].section in sections]


async def usable_segments(database: Database, current_user: CurrentUser) -> list[Segment]:
    return [one for one in await list_segments(database) if may_use_segment(one, current_user)]


async def segment_or_404(database: Database, number: int, current_user: CurrentUser) -> Segment:
    """Return a segment; one that the user may not use is not found."""
    segment = await load_segment(database, number)
    if segment is None or not may_use_segment(segment, current_user):
        raise HTTPException(404, "not_found")
    return segment


def wanted_of(context: WebContext, node: Node) -> Wanted:
    return Wanted(node, context.today(), context.zone)


async def selection_of(
    context: WebContext,
    current_user: CurrentUser,
    *,
    ids: tuple[int, ...] = (),
    search: str = "",
    segment: int | None = None,
    branch: int | None = None,
) -> Selection:
    """Return the customers of a list, as the user sees it."""
    parts = [] if branch is None or ids else [of_branch(branch)]
    if segment is not None and not ids:
        found = await segment_or_404(context.database, segment, current_user)
        if found.condition is not None:
            parts.append(found.condition)
    wanted = wanted_of(context, AllOf(tuple(parts))) if parts else None
    notes = Section.PERSONAL in sections_for(current_user.user)
    return Selection(ids, search, notes, wanted)


def actor_of(context: WebContext, current_user: CurrentUser) -> Actor:
    user = current_user.user
    return Actor(user.id, user.display_name, context.today(), context.clock())


async def user_names(database: Database) -> dict[int, str]:
    return {int(user.id): user.display_name for user in await list_users(database)}


def is_own_step(user_id: UserId | None, current_user: CurrentUser) -> bool:
    """Return whether a user may see and undo a step: their own, or any with the right."""
    return current_user.may(Right.MANAGE_SEGMENTS) or user_id == current_user.user.id


def of_branch(branch: int) -> Node:
    """Return the condition that customers are of a branch."""
    return Compare("branch", Op.IS_ANY, (branch,))


_AGREED = Compare("consent_offers", Op.IS_ANY, ("yes",))


async def segment_order(
    context: WebContext, current_user: CurrentUser, number: int | None, branch: int | None = None
) -> dict[str, object] | None:
    """Return segment and branch of an export, as ``web.ports.ExportRequestSpec`` has a segment.

    The list of a segment is made to contact its customers: only those who agreed to offers are on
    it, none who declined or was never asked.
    """
    parts = [] if branch is None else [of_branch(branch)]
    if number is not None:
        segment = await segment_or_404(context.database, number, current_user)
        if segment.condition is None:
            raise HTTPException(404, "not_found")
        parts += [segment.condition, _AGREED]
    if not parts:
        return None
    return {
        "condition": write_condition(AllOf(tuple(parts))),
        "today": context.today().isoformat(),
        "zone": context.zone.key,
    }
