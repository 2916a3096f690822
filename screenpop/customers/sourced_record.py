"""A customer as another program describes them: read from its JSON by the paths of the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screenpop.common.text import display_text
from screenpop.customers.models import PersonName, Tier, Title

SOURCED_FIELDS = (
    "name",
    "given",
    "family",
    "title",
    "language",
    "tier",
    "vip",
    "company",
    "city",
    "code",
)
"""Fields that can be mapped; ``name`` is a whole name, for programs that do not part it."""
LONGEST_VALUE = 200
LONGEST_PATH = 200
_PATH = re.compile(r"[^.\s]+(?:\.[^.\s]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,6})?")
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0", ""})


class SourcedRecordError(ValueError):
    """The answer has not the shape that the paths expect; the text names the field."""


@dataclass(frozen=True, slots=True)
class SourcedRecord:
    """What the other program knows. Fields that are None are not mapped, or it does not know."""

    name: PersonName
    title: Title | None = None
    language: str | None = None
    tier: Tier | None = None
    vip: bool | None = None
    company: str | None = None
    city: str | None = None
    code: str | None = None

    @property
    def name_language(self) -> str:
        """The language of the letters in which the name is written."""
        text = self.name.full
        if any("\u0600" <= char <= "\u06ff" for char in text):
            return "fa"
        return "el" if any("\u0370" <= char <= "\u03ff" for char in text) else "en"


def check_paths(fields: Mapping[str, str]) -> None:
    """Raise ``ValueError``, with the remedy, for fields or paths that cannot be used."""
    for field, path in fields.items():
        if field not in SOURCED_FIELDS:
            raise ValueError(f"{field!r} is no field; there are {', '.join(SOURCED_FIELDS)}")
        if len(path) > LONGEST_PATH or _PATH.fullmatch(path) is None:
            raise ValueError(f"{path!r} is no path; write names with dots, such as data.0.name")
    if not {"name", "given", "family"} & fields.keys():
        raise ValueError("map name, or given and family: a customer needs a name")


def read_record(answer: object, fields: Mapping[str, str]) -> SourcedRecord | None:
    """Return what the answer has at these paths; None if it has no name there.

    Raises ``SourcedRecordError`` for a value that cannot be.
    """
    found = {field: _value(answer, path, field) for field, path in fields.items()}
    name = PersonName(found.get("given") or "", found.get("family") or "")
    if not name.full:
        given, _, family = (found.get("name") or "").rpartition(" ")
        name = PersonName(given, family)
    if not name.full:
        return None
    return SourcedRecord(
        name,
        _one_of(Title, found.get("title"), "title"),
        _language(found.get("language")),
        _one_of(Tier, found.get("tier"), "tier"),
        _truth(found.get("vip")),
        found.get("company"),
        found.get("city"),
        found.get("code"),
    )


def _value(answer: object, path: str, field: str) -> str | None:
    for part in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isascii() and part.isdigit() and len(part) < 5:
            answer = answer[int(part)] if int(part) < len(answer) else None
        elif answer is not None:
            raise SourcedRecordError(field)
    if answer is None:
        return None
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, str | int | float):
        return display_text(str(answer), LONGEST_VALUE)
    raise SourcedRecordError(field)


def _one_of(kind: type[Title] | type[Tier], text: str | None, field: str) -> Any:
    if text is None:
        return None
    try:
        return kind(text.strip().lower().rstrip(".") or "none")
    except ValueError:
        raise SourcedRecordError(field) from None


def _language(text: str | None) -> str | None:
    if not text:
        return None
    if _LANGUAGE.fullmatch(text) is None:
        raise SourcedRecordError("language")
    return text.lower()


def _truth(text: str | None) -> bool | None:
    if text is None:
        return None
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise SourcedRecordError("vip")
    return word in _TRUE
