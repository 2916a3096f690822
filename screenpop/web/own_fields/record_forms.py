"""Own fields on the forms and pages of customers and trips, and in their JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from screenpop.calls.labels import label_name
from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject, OwnValue, OwnValues
from screenpop.customers.own_fields import active_fields as fields_of
from screenpop.customers.own_values import (
    InvalidOwnValueError,
    OwnValueProblem,
    form_value,
    format_logged,
    format_value,
    is_valid,
    parse_form_value,
    parse_value,
    set_value,
)
from screenpop.web.calls.views import View

_PREFIX = "own_"
OPTIONAL_FIELDS: Mapping[str, str] = {
    "title": "Title",
    "gender": "Gender",
    "language": "Language",
    "anniversary": "Anniversary",
    "customer_since": "Customer since",
    "tier": "Tier",
    "household": "Household",
    "company": "Company",
    "city": "City",
    "heard_from": "How they heard of us",
    "code": "Your own customer code",
    "owner": "Account manager",
    "branch": "Branch",
    "referred_by": "Referred by customer number",
    "tags": "Tags",
    "balance": "Balance due",
    "vip": "VIP",
    "wishes": "Travel preferences",
}
"""Built-in fields of the customer's form that an office can switch off, with their labels."""


class InvalidOwnFieldError(ValueError):
    """A field is unknown, or a value is none of its kind; ``key``: the id that was given."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


_WITH = {"balance": ("currency",), "wishes": ("preferences",)}
"""Values that are read together with an optional field."""


def leave_out(values: dict[str, object], errors: dict[str, str], off: Iterable[str]) -> None:
    """Take what the form did not ask out of the values that were read from it."""
    for name in off:
        for one in (name, *_WITH.get(name, ())):
            values.pop(one, None)
            errors.pop(one, None)
    if "wishes" in off:
        for one in [name for name in errors if name.startswith("wish_")]:
            del errors[one]


def own_inputs(
    fields: Iterable[OwnField], subject: OwnSubject, own: OwnValues, language: str
) -> list[View]:
    """Return the active fields as inputs of a form; a stored inactive choice is offered too."""
    return [
        {
            "name": f"{_PREFIX}{field.id}",
            "label": field.name(language),
            "kind": field.kind.value,
            "options": [
                (str(one.id), one.name(language))
                for one in field.choices
                if not one.gone and (one.active or one.id == own.get(field.key))
            ],
        }
        for field in fields_of(fields, subject)
    ]


def own_form(
    fields: Iterable[OwnField], subject: OwnSubject, own: OwnValues, language: str
) -> dict[str, str]:
    """Return the initial values of the inputs."""
    return {
        f"{_PREFIX}{field.id}": form_value(field, own.get(field.key), language)
        for field in fields_of(fields, subject)
    }


def read_own_form(
    form: Mapping[str, str],
    fields: Iterable[OwnField],
    subject: OwnSubject,
    own: OwnValues,
    language: str,
) -> tuple[dict[str, OwnValue], dict[str, str]]:
    """Return the values after the form, and the errors of its inputs.

    Fields that the form does not have, and those left as they were written, keep their values.
    """
    values, errors = dict(own), dict[str, str]()
    for field in fields_of(fields, subject):
        name, stored = f"{_PREFIX}{field.id}", own.get(field.key)
        if name not in form or form[name].strip() == form_value(field, stored, language):
            continue
        try:
            value = parse_form_value(field, form[name], language, stored)
        except InvalidOwnValueError as error:
            errors[name] = error.problem.value
        else:
            values = set_value(values, field.key, value)
    return values, errors


def own_view(
    fields: Iterable[OwnField], subject: OwnSubject, own: OwnValues, language: str
) -> list[View]:
    """Return the values of active fields; ``value`` as JSON holds it, ``text`` as it is shown."""
    return [
        {
            "id": field.id,
            "name": field.name(language),
            "kind": field.kind.value,
            "value": own[field.key],
            "text": format_value(field, own[field.key], language),
        }
        for field in fields_of(fields, subject)
        if field.key in own
    ]


def own_change(
    fields: Iterable[OwnField], name: str, pair: tuple[object, object], language: str
) -> View:
    """Return an entry ``own:7`` of a change with the field's name and values as texts."""
    field = next((one for one in fields if name == f"own:{one.id}"), None)
    before, after = (format_logged(field, value, language) for value in pair)
    label = field.name(language) if field is not None else ""
    return {"field": name, "label": label, "before": before, "after": after}


def named_view(named: Mapping[str, Any], language: str) -> View:
    """Return name and text of a value, given an entry of ``own_values.named_values``."""
    field = OwnField(kind=OwnKind(named["kind"]))
    return {
        "name": label_name(named["field"], language),
        "text": format_logged(field, named["value"], language),
    }


def is_of_trips(fields: Iterable[OwnField], name: str) -> bool:
    """Return whether an entry of a change is of an own field of trips."""
    return any(name == f"own:{one.id}" and one.subject is OwnSubject.TRIP for one in fields)


def own_of_json(
    given: Mapping[str, OwnValue | None], fields: Iterable[OwnField], own: OwnValues
) -> dict[str, OwnValue]:
    """Return a customer's values with those of an API call, by the ids of fields.

    None and an empty text remove a value. Raises ``InvalidOwnFieldError``.
    """
    known = {one.key: one for one in fields_of(fields, OwnSubject.CUSTOMER)}
    values = dict(own)
    for key, value in given.items():
        try:
            values = set_value(values, key, _value_of_json(known[key], value))
        except (KeyError, InvalidOwnValueError) as error:
            raise InvalidOwnFieldError(key) from error
    return values


def _value_of_json(field: OwnField, value: OwnValue | None) -> OwnValue | None:
    if value is None:
        return None
    if isinstance(value, str):
        return parse_value(field, value, "en")
    if not is_valid(field, value):
        raise InvalidOwnValueError(_WRONG[field.kind])
    return value


_WRONG = {
    OwnKind.TEXT: OwnValueProblem.TOO_LONG,
    OwnKind.NUMBER: OwnValueProblem.NOT_A_NUMBER,
    OwnKind.DATE: OwnValueProblem.NOT_A_DAY,
    OwnKind.CHOICE: OwnValueProblem.NOT_A_CHOICE,
    OwnKind.YES_NO: OwnValueProblem.NOT_YES_NO,
}
