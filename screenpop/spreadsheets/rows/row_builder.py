"""Builder of one person from the cells of a row."""

from functools import lru_cache
from typing import Any

from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.customers.own_fields import OwnValue
from screenpop.customers.preferences import join_preferences, preferences_by_subject
from screenpop.spreadsheets.values.names import language_of_name

_RANK = (Title.PROF, Title.DR, Title.ENG, Title.MS, Title.MR)


class RowBuilder:
    """Filled by ``cell_parsers``; ``plain`` returns the result."""

    __slots__ = (
        "also",
        "called",
        "case",
        "currency",
        "documents",
        "emails",
        "family",
        "fields",
        "given",
        "notes",
        "own",
        "paid_all",
        "phones",
        "tags",
        "titles",
        "trip",
        "trip_own",
        "wishes",
        "wrong",
    )

    def __init__(self) -> None:
        self.given = self.family = self.currency = ""
        self.fields: dict[str, Any] = {}
        """Fields of the draft that have a single plain value."""
        self.trip: dict[str, Any] = {}
        self.case: dict[str, Any] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        """By kind."""
        self.own: dict[str, OwnValue] = {}
        """Own fields of the customer."""
        self.trip_own: dict[str, tuple[OwnValue, str, str]] = {}
        """Own fields of the trip: value, heading and text of the cell."""
        self.wishes: dict[str, str] = {}
        self.called: list[str] = []
        """Forms of address: of the name as first written, of the next one, ..."""
        self.also: list[PersonName] = []
        """The name in other scripts."""
        self.phones: list[PhoneDraft] = []
        self.emails: list[str] = []
        self.tags: list[str] = []
        self.notes: list[str] = []
        self.wrong: list[tuple[int, str]] = []
        """Indexes of columns, and the codes of their errors."""
        self.paid_all = False
        self.titles: list[tuple[Title, Gender]] = []

    @property
    def has_name(self) -> bool:
        name = self.family or self.given
        return name.isalpha() or any(map(str.isalpha, self.given + self.family))

    @property
    def has_phone(self) -> bool:
        return bool(self.phones)

    @property
    def more_of_above(self) -> bool:
        more = self.trip or self.case or self.documents
        return bool(more) and not (self.phones or self.given or self.family)

    @property
    def has_identity(self) -> bool:
        """Return whether there is a name and a number; anything less is reported."""
        return bool(self.phones) and self.has_name

    @property
    def only_a_name(self) -> bool:
        """Return whether there is nothing but a name: mostly the last line of a page."""
        others = (
            self.fields,
            self.trip,
            self.case,
            self.documents,
            self.wishes,
            self.emails,
            self.tags,
            self.notes,
            self.own,
        )
        return self.has_name and not self.phones and not any(others)

    def document(self, kind: str) -> dict[str, Any]:
        """Return the values of the document of a kind, for a parser to fill."""
        return self.documents.setdefault(kind, {"kind": kind})

    def complete_own_trip(self) -> None:
        """Put own fields of the trip on it; without a trip in the row they go to the notes."""
        if self.trip and self.trip_own:
            self.trip["own"] = {key: value for key, (value, _, _) in self.trip_own.items()}
            return
        for _, heading, text in self.trip_own.values():
            self.keep_in_notes(heading, text)

    def keep_in_notes(self, heading: str, text: str) -> None:
        """Add a text that could not be parsed to the notes, as written."""
        self.notes.append(f"{heading}: {text}" if heading else text)

    def plain(self) -> dict[str, Any]:
        """Return the draft as ``draft_from_json`` takes it; no name where ``more_of_above``."""
        plain = self.fields
        plain["names"] = self._names() if self.given or self.family else {}
        if self.wishes:
            self._say_wishes(plain)
        if self.titles:
            self._say_title(plain)
        if self.phones:
            plain["phones"] = [
                [phone.raw, phone.e164, phone.last_nine, phone.label] for phone in self.phones
            ]
        for key, several in (("emails", self.emails), ("tags", self.tags)):
            if several:
                plain[key] = list(dict.fromkeys(several))
        if self.notes:
            plain["notes"] = "\n".join(self.notes)
        return plain | self._records()

    def _records(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"own": self.own} if self.own else {}
        if self.trip:
            plain["trips"] = [self.trip]
        if self.case:
            plain["cases"] = [self.case]
        if self.documents:
            plain["documents"] = list(self.documents.values())
        return plain

    def _names(self) -> dict[str, list[str]]:
        names = {language_of_name(self.family or self.given): [self.given, self.family]}
        for name in self.also:
            language = language_of_name(name.family or name.given)
            names.setdefault(language, [name.given, name.family])
        for parts, called in zip(names.values(), self.called, strict=False):
            parts.append(called)
        return names

    def _say_wishes(self, plain: dict[str, Any]) -> None:
        wishes = preferences_by_subject(self.wishes, plain.get("preferences", ""))
        plain["wishes"], plain["preferences"] = wishes, join_preferences(wishes)

    def _say_title(self, plain: dict[str, Any]) -> None:
        title, gender = _together(tuple(self.titles))
        if title:
            plain["title"] = title
        if gender and "gender" not in plain:
            plain["gender"] = gender


@lru_cache(maxsize=256)
def _together(titles: tuple[tuple[Title, Gender], ...]) -> tuple[str, str]:
    """Return title and gender from several cells, as a draft has them; empty for none."""
    given = {title for title, _ in titles}
    title = next((title for title in _RANK if title in given), None)
    genders = {gender for _, gender in titles} - {Gender.UNSAID}
    return title.value if title else "", genders.pop().value if len(genders) == 1 else ""
