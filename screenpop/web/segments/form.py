"""The editor of segments: rows of field, operator and value, in one level of groups."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from screenpop.common.search_normalization import fold
from screenpop.conditions.errors import ConditionError
from screenpop.conditions.fields import FIELDS, ID_KINDS, Field, Kind, find_field, is_trip_field
from screenpop.conditions.json_format import VERSION, read_condition
from screenpop.conditions.tree import (
    LIST_OPS,
    SET_OPS,
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
)
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date

MAX_ROWS = 20
MAX_GROUPS = 8
MODES = ("any", "all", "none", "trips")
"""Of a group: any of the rows, all, none, or trips for which all rows hold."""
TRIP_OPS = (Op.AT_LEAST, Op.AT_MOST, Op.EQUAL)
_SEPARATORS = re.compile(r"[,،;؛\n]")
_WISH_SEPARATORS = re.compile(r"[;؛\n]")
"""Not the comma, which amounts have."""
_GROUPED = re.compile(r"(?<=\d)[,.٬ ](?=\d{3}(?!\d))")
_NAME = re.compile(r"r\.(\d{1,2})\.(\d{1,2})\.(field|op|value|currency)")
_GROUP = re.compile(r"g\.(\d{1,2})\.(mode|op|count)")


@dataclass(slots=True)
class RowForm:
    field: str = ""
    op: str = ""
    values: list[str] = dataclasses.field(default_factory=list)
    currency: str = "EUR"
    problem: str = ""
    """As ``conditions.errors.Problem``."""

    @property
    def spec(self) -> Field | None:
        return find_field(self.field)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(slots=True)
class GroupForm:
    """``mode`` as ``MODES``; of the first group, which is the segment itself, any or all."""

    mode: str = "all"
    op: str = Op.AT_LEAST.value
    count: str = "1"
    rows: list[RowForm] = dataclasses.field(default_factory=list)


@dataclass(slots=True)
class SegmentForm:
    name: str = ""
    audience: str = "all"
    groups: list[GroupForm] = dataclasses.field(
        default_factory=lambda: [GroupForm(rows=[RowForm()])]
    )
    problem: str = ""
    problem_field: str = ""


def read_form(items: Iterable[tuple[str, str]]) -> SegmentForm:
    """Return the form as sent; unknown fields and more rows than possible are left out."""
    form = SegmentForm(groups=[])
    rows: dict[tuple[int, int], RowForm] = {}
    groups: dict[int, GroupForm] = {0: GroupForm()}
    for name, value in items:
        if row := _NAME.fullmatch(name):
            place = (int(row[1]), int(row[2]))
            _set_row(rows.setdefault(place, RowForm()), row[3], value[:500])
        elif group := _GROUP.fullmatch(name):
            setattr(groups.setdefault(int(group[1]), GroupForm()), group[2], value[:20])
        elif name in ("name", "audience"):
            setattr(form, name, value[:200])
    for number, _ in rows:
        groups.setdefault(number, GroupForm("any"))
    for number in sorted(groups)[: MAX_GROUPS + 1]:
        found = groups[number]
        found.rows = [rows[place] for place in sorted(rows) if place[0] == number][:MAX_ROWS]
        form.groups.append(found)
    return form


def _set_row(row: RowForm, name: str, value: str) -> None:
    if name == "value":
        row.values.append(value)
    else:
        setattr(row, name, value)


def act_on(form: SegmentForm, act: str) -> None:
    """Add or remove a row or a group, as the button pressed wants it."""
    what, *places = act.split(".")
    numbers = [int(place) for place in places if place.isdecimal() and len(place) < 3]
    match what, numbers:
        case "add_row", [group] if group < len(form.groups):
            if len(form.groups[group].rows) < MAX_ROWS:
                form.groups[group].rows.append(RowForm())
        case "remove_row", [group, row] if group < len(form.groups):
            del form.groups[group].rows[row : row + 1]
        case "add_group", []:
            if len(form.groups) <= MAX_GROUPS:
                form.groups.append(GroupForm("any", rows=[RowForm()]))
        case "remove_group", [group] if 0 < group < len(form.groups):
            del form.groups[group]
        case _:
            pass
    complete(form)


def complete(form: SegmentForm) -> None:
    """Give each row an operator of its field, and drop values of another kind of field."""
    if not form.groups:
        form.groups = [GroupForm(rows=[RowForm()])]
    for group in form.groups:
        for row in group.rows:
            spec = row.spec
            if spec is None:
                row.field, row.op, row.values = "", "", []
            elif row.op not in spec.ops:
                row.op = spec.ops[0].value
            if spec is not None and spec.choices:
                row.values = [value for value in row.values if value in spec.choices]


def read_tree(form: SegmentForm, today: date) -> Node | None:
    """Return the condition of a form; None with ``problem`` set where it is none."""
    top = [plain for row in form.groups[0].rows if (plain := _row(row, today, trips=False))]
    for group in form.groups[1:]:
        top += _group(group, today)
    if any(row.problem for group in form.groups for row in group.rows):
        form.problem = "row"
        return None
    if not top:
        form.problem = "empty"
        return None
    joined = {"any" if form.groups[0].mode == "any" else "all": top}
    try:
        return read_condition({"version": VERSION, "condition": joined})
    except ConditionError as error:
        form.problem, form.problem_field = error.problem.value, error.field
        return None


def _group(group: GroupForm, today: date) -> list[dict[str, Any]]:
    is_trips = group.mode == "trips"
    rows = [plain for row in group.rows if (plain := _row(row, today, trips=is_trips))]
    match group.mode:
        case "trips":
            count = _number(group.count)
            return [{"trips": {"where": rows, "op": group.op, "count": count}}]
        case "none":
            return [{"not": {"any": rows}}] if rows else []
        case mode:
            return [{"all" if mode == "all" else "any": rows}] if rows else []


def _row(row: RowForm, today: date, *, trips: bool) -> dict[str, Any] | None:
    """Return the JSON of a row, and set its problem; None for an empty row."""
    spec = row.spec
    if spec is None:
        return None
    plain: dict[str, Any] = {"field": row.field, "op": row.op}
    if row.op not in SET_OPS:
        plain["value"] = _value(spec, row, today)
    is_trip = is_trip_field(row.field)
    alone = {"trips": {"where": [plain]}} if is_trip or trips else plain
    try:
        read_condition({"version": VERSION, "condition": alone})
    except ConditionError as error:
        row.problem = error.problem.value
    return plain if trips else alone


def _value(spec: Field, row: RowForm, today: date) -> Any:
    if row.op in LIST_OPS or row.op == Op.CONTAINS:
        if spec.choices:
            return row.values
        cut = _WISH_SEPARATORS if spec.kind is Kind.WISH else _SEPARATORS
        texts = [text.strip() for value in row.values for text in cut.split(value)]
        listed = [text for text in texts if text]
        return [_number(text) for text in listed] if spec.kind in ID_KINDS else listed
    match spec.kind:
        case Kind.FLAG:
            return {"yes": True, "no": False}.get(row.value)
        case Kind.MONEY:
            return {"amount": _number(row.value), "currency": row.currency}
        case Kind.DAY:
            return _day(row.value, today)
        case _:
            return _number(row.value)


def _number(text: str) -> int | str:
    """Return a number typed in any digits, with or without separators; other text as it is."""
    plain = _GROUPED.sub("", fold(text)).replace("−", "-")
    try:
        return int(plain) if len(plain) <= 20 else text
    except ValueError:
        return text


def _day(text: str, today: date) -> str:
    try:
        day = parse_date(text, today)
    except InvalidDateError:
        return text
    return day.isoformat() if day else ""


def form_of(node: Node, language: str) -> SegmentForm | None:
    """Return the form of a condition; None for one that is nested too deeply for it."""
    parts: Sequence[Node]
    match node:
        case AllOf(parts):
            mode = "all"
        case AnyOf(parts):
            mode = "any"
        case _:
            mode, parts = "all", (node,)
    form = SegmentForm(groups=[GroupForm(mode)])
    for part in parts:
        if row := _row_of(part, language):
            form.groups[0].rows.append(row)
        elif group := _group_of(part, language):
            form.groups.append(group)
        else:
            return None
    return form if len(form.groups) <= MAX_GROUPS + 1 and _fits(form) else None


def _fits(form: SegmentForm) -> bool:
    return all(len(group.rows) <= MAX_ROWS for group in form.groups)


def _row_of(node: Node, language: str) -> RowForm | None:
    match node:
        case Compare():
            return _comparison(node, language)
        case Trips((where,), Op.AT_LEAST, 1):
            return _comparison(where, language)
        case _:
            return None


def _group_of(node: Node, language: str) -> GroupForm | None:
    match node:
        case Trips(where, op, count) if op in TRIP_OPS:
            rows = [_comparison(one, language) for one in where]
            return GroupForm("trips", op.value, str(count), rows)
        case AllOf(parts) | AnyOf(parts):
            return _rows_of("all" if isinstance(node, AllOf) else "any", parts, language)
        case Not(AnyOf(parts)):
            return _rows_of("none", parts, language)
        case Not(part):
            return _rows_of("none", (part,), language)
        case _:
            return None


def _rows_of(mode: str, parts: Iterable[Node], language: str) -> GroupForm | None:
    rows = [_row_of(part, language) for part in parts]
    kept = [row for row in rows if row is not None]
    return GroupForm(mode, rows=kept) if len(kept) == len(rows) else None


def _comparison(node: Compare, language: str) -> RowForm:
    row = RowForm(node.field, node.op.value)
    match node.value:
        case None:
            return row
        case bool():
            return replace(row, values=["yes" if node.value else "no"])
        case Money(amount, currency):
            return replace(row, values=[str(amount)], currency=currency)
        case date():
            return replace(row, values=[format_date(node.value, language)])
        case tuple():
            listed = [str(one) for one in node.value]
            spec = FIELDS[node.field]
            if spec.choices or spec.kind in ID_KINDS:
                return replace(row, values=listed)
            return replace(row, values=[("; " if spec.kind is Kind.WISH else ", ").join(listed)])
        case _:
            return replace(row, values=[str(node.value)])
