"""What the card of a call needs for the agent's work: lists, and what was recorded so far.

Each answered call is asked for once, so this is read as the caller lookup is (``inline_reads``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    exists,
    literal,
    literal_column,
    or_,
    select,
    text,
)

from screenpop.accounts.departments import Section
from screenpop.calls.labels import CallLabel, LabelKind
from screenpop.customers.own_fields import OwnField
from screenpop.follow_ups.json_view import follow_up_view
from screenpop.follow_ups.models import FollowUp, FollowUpState
from screenpop.service.call_work import Result, WorkPlace
from screenpop.store.calls.call_labels import label_of
from screenpop.store.calls.label_list import load_labels
from screenpop.store.customers.asked_facts import (
    Question,
    find_question,
    find_question_inline,
)
from screenpop.store.customers.open_questions import OpenQuestions
from screenpop.store.engine.database import Database
from screenpop.store.engine.inline_reads import compile_named
from screenpop.store.engine.text import clean_for_database
from screenpop.store.follow_ups.queries import open_follow_ups
from screenpop.store.own_fields.card_values import (
    CardValues,
    card_fields,
    card_values,
    card_values_inline,
)
from screenpop.store.points.ledger import points_of
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import call_labels, follow_ups
from screenpop.store.schema.tables import calls
from screenpop.store.value.queries import card_value_of


@dataclass(frozen=True, slots=True)
class _Lists:
    """What is the same on each card."""

    labels: tuple[CallLabel, ...] = ()
    own_fields: tuple[OwnField, ...] = ()
    """Those on the card."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the customer is worth, and their points."""

    value: str | None = None
    """JSON of ``card_view``; None before the first run."""
    points: int | None = None
    """The balance; None for a customer without entries."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What was recorded for one call and its customer."""

    labels: Mapping[LabelKind, int | None] = field(default_factory=dict)
    case: int | None = None
    follow_ups: tuple[FollowUp, ...] = ()


_NOTHING = _Recorded()
_COLLEAGUES = (
    select(users.c.id, users.c.display_name)
    .where(users.c.active, users.c.deleted_at.is_(None))
    .order_by(users.c.display_name, users.c.id)
)


def _look_statement() -> Select[Any]:
    label = (
        exists()
        .where(call_labels.c.call_id == calls.c.id)
        .where(calls.c.pbx == bindparam("pbx"))
        .where(calls.c.boot == bindparam("boot"))
        .where(calls.c.linkedid == bindparam("linkedid"))
    )
    follow_up = exists().where(
        follow_ups.c.customer_id == bindparam("customer"),
        follow_ups.c.state == FollowUpState.OPEN.value,
    )
    # It changes with each commit of another connection: https://sqlite.org/pragma.html
    version = select(literal_column("data_version", Integer)).select_from(
        text("pragma_data_version")
    )
    value = card_value_of(bindparam("customer")).scalar_subquery()
    points = points_of(bindparam("customer")).scalar_subquery()
    return select(version.scalar_subquery(), or_(label, follow_up), value, points)


_LOOK = compile_named(_look_statement())


def _lists(connection: Connection) -> _Lists:
    return _Lists(
        load_labels(connection),
        card_fields(connection),
    )


def _recorded(connection: Connection, place: WorkPlace) -> _Recorded:
    label = label_of(connection, place.call)
    found: tuple[FollowUp, ...] = ()
    # Open follow-ups belong to calls: a department sees both or neither.
    if place.customer_id is not None and Section.CALLS in place.sections:
        found = open_follow_ups(connection, place.customer_id)
    if label is None:
        return _Recorded(follow_ups=found)
    labels = {kind: getattr(label, f"{kind}_id") for kind in LabelKind}
    return _Recorded(labels, label.case_id, found)


def _standing(connection: Connection, place: WorkPlace) -> _Standing:
    customer = literal(place.customer_id)
    columns = card_value_of(customer).scalar_subquery(), points_of(customer).scalar_subquery()
    value, points = connection.execute(select(*columns)).one()
    return _Standing(value, points)


def _offered(lists: _Lists, recorded: _Recorded, kind: LabelKind) -> list[object]:
    """Return the labels of a kind for the card: the active ones, and the one that the call has."""
    return [
        {"id": one.id, "names": dict(one.names), "opens_case": one.opens_case}
        for one in lists.labels
        if one.kind is kind and (one.active or one.id == recorded.labels.get(kind))
    ]


def _result(place: WorkPlace, lists: _Lists, recorded: _Recorded, standing: _Standing) -> Result:
    # What a value shows is known from trips.
    visible = standing.value if Section.TRIPS in place.sections else None
    return {
        "today": place.today.isoformat(),
        "user": place.user_id,
        **{f"{kind}s": _offered(lists, recorded, kind) for kind in LabelKind},
        **{kind.value: recorded.labels.get(kind) for kind in LabelKind},
        "case": recorded.case,
        "follow_ups": [follow_up_view(one) for one in recorded.follow_ups],
        "value": orjson.loads(visible) if visible else None,
    }


def _everything(
    connection: Connection, place: WorkPlace
) -> tuple[_Lists, _Recorded, CardValues, Question | None]:
    lists = _lists(connection)
    own = card_values(connection, lists.own_fields, place)
    return lists, _recorded(connection, place), own, find_question(connection, place)


async def load_colleagues(database: Database) -> Result:
    """Return all active users, as ``CallWork.load_colleagues``."""
    async with database.reading() as connection:
        rows = await connection.execute(_COLLEAGUES)
        return {"colleagues": [{"id": row.id, "name": row.display_name} for row in rows]}


class CallWorkReader:
    def __init__(self, database: Database, *, are_stamps: bool = False) -> None:
        """``are_stamps``: how the office calls the points of its customers."""
        self._database = database
        self._points_called = "stamps" if are_stamps else "points"
        self._questions = OpenQuestions(database)
        self._lists = _Lists()
        self._lists_version: int | None = None

    async def load(self, place: WorkPlace) -> Result:
        """Return what the card of a call needs.

        Most calls have no label and no follow-up yet: on SQLite one short statement finds that
        out, and the rest is the same for each call until something is committed.
        """
        answer = self._look(place)
        if answer is None:
            everything, standing = await self._database.read(
                lambda c: (_everything(c, place), _standing(c, place))
            )
            lists, recorded, own, question = everything
            result = {**_result(place, lists, recorded, standing), "own": own}
            result["points"] = self._points(standing)
            return self._with_question(result, place, question)
        version, has_records, standing = answer
        if self._lists_version != version:
            # Read after its version: what is committed in between has a newer one.
            self._lists = await self._database.read(_lists)
            self._lists_version = version
        lists = self._lists
        recorded = _NOTHING
        if has_records:
            recorded = await self._database.read(lambda c: _recorded(c, place))
        question = self._find_question(place)
        own = self._own_values(place, lists)
        result = {**_result(place, lists, recorded, standing), "own": own}
        result["points"] = self._points(standing)
        return self._with_question(result, place, question)

    def _points(self, standing: _Standing) -> dict[str, object] | None:
        if standing.points is None:
            return None
        return {"balance": standing.points, "called": self._points_called}

    def _with_question(self, result: Result, place: WorkPlace, question: Question | None) -> Result:
        return {**result, "ask": self._questions.ask(place, question)}

    def _own_values(self, place: WorkPlace, lists: _Lists) -> CardValues:
        """Return the own fields on the card; none when the read failed."""
        reads = self._database.inline
        if reads is None or not lists.own_fields:
            return []
        found = reads.read(lambda execute: card_values_inline(execute, lists.own_fields, place))
        return found or []

    def _find_question(self, place: WorkPlace) -> Question | None:
        """Return the fact to ask for; None without one, or when the read failed."""
        reads = self._database.inline
        if reads is None:
            return None
        return reads.read(lambda execute: find_question_inline(execute, place))

    def _look(self, place: WorkPlace) -> tuple[int, bool, _Standing] | None:
        """Return the version of the database, whether there are records, and the standing.

        None where this needs a round trip, or when the read failed.
        """
        reads = self._database.inline
        if reads is None:
            return None
        pbx, boot, linkedid = map(clean_for_database, place.call)
        values = {"pbx": pbx, "boot": boot, "linkedid": linkedid, "customer": place.customer_id}
        row = reads.read(lambda execute: _LOOK.first(execute, values))
        return None if row is None else (row[0], bool(row[1]), _Standing(row[2], row[3]))
