"""Fields that an office makes itself: what they are, and the checks of an edited definition.

Values are kept by the field's id (``own`` of a customer or trip) as JSON holds them: a text, a
number, an ISO day, a choice's id, or true and false; see ``own_values``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from screenpop.calls.labels import label_name
from screenpop.common.search_normalization import fold

MAX_FIELDS = 60
"""Fields of customers and trips together, those switched off among them."""
MAX_ON_CARD = 2
MAX_CHOICES = 60
"""Choices of a field that are offered."""
MAX_FIELD_NAME = 40
MAX_CHOICE_NAME = 60
"""Characters."""

OwnValue = str | int | float | bool
OwnValues = Mapping[str, OwnValue]
"""Values by the id of their field, written as text."""
NO_OWN_VALUES: OwnValues = {}


class OwnKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class OwnSubject(StrEnum):
    CUSTOMER = "customer"
    TRIP = "trip"


_SUBJECT_WORDS = {
    OwnSubject.CUSTOMER: {"en": "Customers", "fa": "مشتریان", "el": "Πελάτες"},
    OwnSubject.TRIP: {"en": "Trips", "fa": "سفرها", "el": "Ταξίδια"},
}


@dataclass(frozen=True, slots=True)
class OwnChoice:
    id: int
    """Within its field; never given twice."""
    names: Mapping[str, str]
    """Language code to name."""
    active: bool = True
    """Offered on forms; an inactive one stays on the records that have it."""
    gone: bool = False
    """Removed: on no record any more, kept for the names in the history of changes."""

    def name(self, language: str) -> str:
        return label_name(self.names, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    id: int = 0
    """0 for one that is not stored yet."""
    subject: OwnSubject = OwnSubject.CUSTOMER
    kind: OwnKind = OwnKind.TEXT
    names: Mapping[str, str] = field(default_factory=dict)
    """Language code to name."""
    choices: tuple[OwnChoice, ...] = ()
    position: int = 1
    active: bool = True
    """Asked and shown; a field that is switched off keeps its values."""
    on_card: bool = False
    """Shown on the card of a caller; of customers' fields only."""

    @property
    def key(self) -> str:
        """Return the key of its values."""
        return str(self.id)

    def name(self, language: str) -> str:
        return label_name(self.names, language)

    def long_name(self, language: str) -> str:
        """Return the name with the subject behind it: in lists where another one has the name."""
        return f"{self.name(language)} ({label_name(_SUBJECT_WORDS[self.subject], language)})"

    def choice(self, choice_id: object) -> OwnChoice | None:
        return next((one for one in self.choices if one.id == choice_id), None)


class OwnFieldProblem(StrEnum):
    """Why a definition or a change of it is refused."""

    NO_NAME = "own_no_name"
    NAME_LONG = "own_name_long"
    NAME_TWICE = "own_name_twice"
    TOO_MANY = "own_too_many"
    CARD_FULL = "own_card_full"
    NO_CHOICES = "own_no_choices"
    CHOICE_NAME_LONG = "own_choice_name_long"
    CHOICE_TWICE = "own_choice_twice"
    TOO_MANY_CHOICES = "own_too_many_choices"
    CHOICE_IN_USE = "own_choice_in_use"
    KIND_LOSES = "own_kind_loses"
    UNKNOWN_FIELD = "own_unknown_field"
    TOO_MANY_VALUES = "own_too_many_values"


class OwnFieldRefusedError(ValueError):
    """A change of a definition is refused; ``params`` belong into its sentence."""

    def __init__(
        self, problem: OwnFieldProblem, params: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.params = dict(params or {})


def check_field(edited: OwnField, others: Iterable[OwnField]) -> None:
    """Check a definition beside the other ones. Raises ``OwnFieldRefusedError``."""
    others = [one for one in others if one.id != edited.id]
    if not any(edited.names.values()):
        raise OwnFieldRefusedError(OwnFieldProblem.NO_NAME)
    if any(len(name) > MAX_FIELD_NAME for name in edited.names.values()):
        raise OwnFieldRefusedError(OwnFieldProblem.NAME_LONG, {"most": MAX_FIELD_NAME})
    for one in others:
        twice = _common_name([edited.names], [one.names])
        if twice and one.subject is edited.subject:
            raise OwnFieldRefusedError(OwnFieldProblem.NAME_TWICE, {"name": twice})
    if len(others) >= MAX_FIELDS:
        raise OwnFieldRefusedError(OwnFieldProblem.TOO_MANY, {"most": MAX_FIELDS})
    same = [one for one in others if one.subject is edited.subject]
    on_card = [one for one in same if one.on_card and one.active]
    if edited.on_card and edited.active and len(on_card) >= MAX_ON_CARD:
        raise OwnFieldRefusedError(OwnFieldProblem.CARD_FULL, {"most": MAX_ON_CARD})
    if edited.kind is OwnKind.CHOICE:
        _check_choices([one for one in edited.choices if not one.gone])


def _check_choices(choices: Sequence[OwnChoice]) -> None:
    if not choices:
        raise OwnFieldRefusedError(OwnFieldProblem.NO_CHOICES)
    if len(choices) > MAX_CHOICES:
        raise OwnFieldRefusedError(OwnFieldProblem.TOO_MANY_CHOICES, {"most": MAX_CHOICES})
    if any(len(name) > MAX_CHOICE_NAME for one in choices for name in one.names.values()):
        raise OwnFieldRefusedError(OwnFieldProblem.CHOICE_NAME_LONG, {"most": MAX_CHOICE_NAME})
    for place, one in enumerate(choices):
        twice = _common_name([one.names], [other.names for other in choices[:place]])
        if twice:
            raise OwnFieldRefusedError(OwnFieldProblem.CHOICE_TWICE, {"name": twice})


def _common_name(ones: Iterable[Mapping[str, str]], others: Iterable[Mapping[str, str]]) -> str:
    """Return a name that both have, however spelt; else an empty text."""
    known = {fold(name) for names in others for name in names.values() if name}
    return next((name for names in ones for name in names.values() if fold(name) in known), "")


def active_fields(fields: Iterable[OwnField], subject: OwnSubject) -> list[OwnField]:
    """Return the active fields of customers or of trips in their order."""
    return [one for one in fields if one.active and one.subject is subject]


def field_with_name(
    fields: Iterable[OwnField], name: str, subject: OwnSubject | None = None
) -> OwnField | None:
    """Return the active field that has this name in any language, however spelt."""
    wanted = fold(name)
    for one in fields:
        is_possible = one.active and (subject is None or one.subject is subject)
        if is_possible and wanted and wanted in map(fold, one.names.values()):
            return one
    return None


def field_with_long_name(fields: Iterable[OwnField], name: str) -> OwnField | None:
    """Return the active field that has this ``long_name`` in any language."""
    wanted = fold(name)
    for one in fields:
        languages = {*one.names, *_SUBJECT_WORDS[one.subject]}
        if one.active and wanted in {fold(one.long_name(language)) for language in languages}:
            return one
    return None


def next_choice_id(choices: Iterable[OwnChoice]) -> int:
    return max((one.id for one in choices), default=0) + 1


def fields_to_json(fields: Iterable[OwnField]) -> list[dict[str, object]]:
    """Return definitions as JSON values, for another process."""
    return [
        {
            "id": one.id,
            "subject": one.subject.value,
            "kind": one.kind.value,
            "names": dict(one.names),
            "choices": choices_to_json(one.choices),
            "position": one.position,
            "active": one.active,
            "on_card": one.on_card,
        }
        for one in fields
    ]


def fields_from_json(plain: Iterable[Mapping[str, object]]) -> tuple[OwnField, ...]:
    return tuple(
        OwnField(
            id=int(str(one["id"])),
            subject=OwnSubject(str(one["subject"])),
            kind=OwnKind(str(one["kind"])),
            names=_names(one["names"]),
            choices=choices_from_json(one["choices"]),
            position=int(str(one["position"])),
            active=bool(one["active"]),
            on_card=bool(one["on_card"]),
        )
        for one in plain
    )


def choices_to_json(choices: Iterable[OwnChoice]) -> list[dict[str, object]]:
    return [
        {"id": one.id, "names": dict(one.names), "active": one.active, "gone": one.gone}
        for one in choices
    ]


def choices_from_json(plain: object) -> tuple[OwnChoice, ...]:
    if not isinstance(plain, list):
        return ()
    return tuple(
        OwnChoice(int(one["id"]), _names(one["names"]), bool(one["active"]), bool(one["gone"]))
        for one in plain
    )


def _names(plain: object) -> dict[str, str]:
    return {str(code): str(name) for code, name in plain.items()} if isinstance(plain, dict) else {}
