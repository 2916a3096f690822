"""What a condition means, in the words of a language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.dates import get_month_names
from babel.numbers import format_decimal

from screenpop.conditions.fields import FIELDS, Field, Kind, find_field
from screenpop.conditions.tree import (
    NUMBER_OPS,
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    Value,
)
from screenpop.customers.date_input import format_date
from screenpop.customers.own_fields import OwnField
from screenpop.web.translations import Catalogue

LANGUAGE_NAMES = {"en": "English", "fa": "فارسی", "el": "Ελληνικά"}
_PREFIXES = {
    "tier": "tier",
    "title": "title",
    "gender": "gender",
    "stage": "stage",
    "likelihood": "likelihood",
    "trip.status": "trip_status",
    "trip.product": "product",
    "trip.visa": "visa",
    "trip.season": "season",
}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ANSWERS = {"yes": "Yes", "no": "No", "never_asked": "Never asked"}


@dataclass(frozen=True, slots=True)
class Words:
    """Words of conditions in one language."""

    catalogue: Catalogue
    users: Mapping[int, str] = field(default_factory=dict)
    """Names of users by id."""
    branches: Mapping[int, str] = field(default_factory=dict)
    """Names of branches by id."""
    own: Mapping[str, OwnField] = field(default_factory=dict)
    """Own fields by their id, written as text."""

    def field(self, code: str) -> str:
        """Return the name of a field."""
        t = self.catalogue.gettext
        spec = find_field(code)
        if spec is not None and (own := spec.own) is not None:
            known = self.own.get(own.key)
            return known.name(self.catalogue.language) if known else f"#{own.id}"
        kind, _, rest = code.partition("_")
        if kind == "consent":
            return t("segment_field.consent", channel=t(f"consent.{rest}"))
        if kind == "wish":
            return t("segment_field.wish", subject=t(f"wish.{rest}"))
        return t(f"segment_field.{code.replace('.', '_')}")

    def op(self, field: Field, op: Op) -> str:
        """Return the name of an operator in a list of operators."""
        return self.catalogue.gettext(f"segment_op.{op_code(field, op)}")

    def choice(self, code: str, choice: str) -> str:
        """Return the name of a choice of a field."""
        t = self.catalogue.gettext
        if code == "language":
            return LANGUAGE_NAMES[choice]
        if code == "trip.month":
            names = get_month_names("wide", "stand-alone", self.catalogue.language)
            return str(names[int(choice)])
        if code.startswith("consent_"):
            return t(_ANSWERS[choice])
        return t(f"{_PREFIXES[code]}.{choice}")

    def options(self, code: str) -> list[tuple[int, str, bool]]:
        """Return id, name and whether it is offered of each choice of an own field."""
        own = FIELDS[code].own
        known = None if own is None else self.own.get(own.key)
        if known is None:
            return []
        language = self.catalogue.language
        return [(one.id, one.name(language), one.active) for one in known.choices if not one.gone]

    def number(self, number: int) -> str:
        """Return a number in the digits of the language."""
        text = format_decimal(number, locale=self.catalogue.language, numbering_system="default")
        return text.translate(_PERSIAN_DIGITS) if self.catalogue.language == "fa" else text

    def describe(self, node: Node) -> str:
        """Return a condition as one sentence without its end."""
        match node:
            case AllOf(parts):
                return self._joined("and", parts)
            case AnyOf(parts):
                return self._joined("or", parts)
            case Not(part):
                return self._text("not", what=self.describe(part))
            case Trips():
                return self._trips(node)
            case Compare():
                return self._comparison(node)

    def _joined(self, how: str, parts: Sequence[Node]) -> str:
        texts = [
            f"({self.describe(part)})"
            if isinstance(part, AllOf | AnyOf) and len(parts) > 1
            else self.describe(part)
            for part in parts
        ]
        return f" {self._text(how)} ".join(texts)

    def _trips(self, node: Trips) -> str:
        where = f" {self._text('and')} ".join(self._comparison(one) for one in node.where)
        if (node.op, node.count) == (Op.AT_LEAST, 1):
            return self._text("a_trip", where=where) if where else self._text("any_trip")
        if (node.op, node.count) in ((Op.EQUAL, 0), (Op.LESS, 1), (Op.AT_MOST, 0)):
            return self._text("no_trip", where=where) if where else self._text("no_trip_at_all")
        name = self._text("trips_with", where=where) if where else self.field("trips")
        return self._text(node.op.name.lower(), field=name, value=self.number(node.count))

    def _comparison(self, node: Compare) -> str:
        field = FIELDS[node.field]
        return self._text(
            op_code(field, node.op),
            field=self.field(node.field),
            value=self._value(field, node.value),
        )

    def _value(self, field: Field, value: Value) -> str:
        match value:
            case None:
                return ""
            case bool():
                return self.catalogue.gettext("Yes" if value else "No")
            case Money(amount, currency):
                name = self.catalogue.gettext(f"currency_name.{currency}")
                return f"{self.number(amount)} {name}"
            case date():
                return format_date(value, self.catalogue.language)
            case tuple():
                names = [self._item(field, one) for one in value]
                return f" {self._text('or')} ".join(names)
            case _:
                return self.number(value)

    def _item(self, field: Field, item: str | int) -> str:
        if field.kind is Kind.USER:
            return self.users.get(int(item), f"#{item}")
        if field.kind is Kind.BRANCH:
            return self.branches.get(int(item), f"#{item}")
        if field.kind is Kind.OPTION:
            names = {number: name for number, name, _ in self.options(field.code)}
            return names.get(int(item), f"#{item}")
        return self.choice(field.code, str(item)) if field.choices else str(item)

    def _text(self, code: str, **params: str) -> str:
        return self.catalogue.gettext(f"segment_text.{code}", **params)


def op_code(field: Field, op: Op) -> str:
    """Return the code of an operator in the words; days have words of their own."""
    name = op.name.lower()
    return f"day_{name}" if field.kind is Kind.DAY and op in NUMBER_OPS else name
