"""Which column is which: headings as people write them in English, Persian and Greek."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from screenpop.customers.folding import fold


class Field(StrEnum):
    TITLE = "title"
    GIVEN = "given"
    FAMILY = "family"
    PHONE = "phone"
    SECOND_PHONE = "second_phone"
    LANGUAGE = "language"
    BIRTHDAY = "birthday"
    TIER = "tier"
    BALANCE = "balance"
    NOTES = "notes"


_HEADINGS = {
    Field.TITLE: "title|salutation|honorific|عنوان|لقب|τίτλος|προσφώνηση",
    Field.GIVEN: "first name|firstname|given name|forename|name|نام|نام کوچک|اسم|όνομα|μικρό όνομα",
    Field.FAMILY: "last name|lastname|surname|family name|family|نام خانوادگی|نام‌خانوادگی|فامیل"
    "|فامیلی|επώνυμο|επίθετο",
    Field.PHONE: "phone|phone number|phone 1|mobile|mobile phone|cell|cell phone|telephone|tel"
    "|number|تلفن|تلفن ۱|شماره|شماره تلفن|شماره تماس|موبایل|شماره موبایل|تلفن همراه|همراه"
    "|τηλέφωνο|τηλέφωνο 1|τηλ|κινητό|κινητό τηλέφωνο|αριθμός",
    Field.SECOND_PHONE: "second phone|phone 2|phone2|other phone|home phone|work phone|landline"
    "|second number|تلفن دوم|تلفن ۲|شماره دوم|تلفن ثابت|تلفن منزل|تلفن دیگر|δεύτερο τηλέφωνο"
    "|τηλέφωνο 2|άλλο τηλέφωνο|σταθερό|σταθερό τηλέφωνο",
    Field.LANGUAGE: "language|lang|preferred language|زبان|γλώσσα",
    Field.BIRTHDAY: "birthday|birthdate|birth date|date of birth|dob|تولد|تاریخ تولد|روز تولد"
    "|γενέθλια|ημερομηνία γέννησης|ημ. γέννησης|γέννηση",
    Field.TIER: "tier|level|loyalty|loyalty tier|class|سطح|رده|سطح مشتری|باشگاه|βαθμίδα|επίπεδο"
    "|κατηγορία",
    Field.BALANCE: "balance|debt|due|amount due|owes|مانده|مانده حساب|بدهی|حساب|υπόλοιπο|οφειλή",
    Field.NOTES: "notes|note|remarks|comments|comment|یادداشت|یادداشت‌ها|توضیحات|ملاحظات"
    "|σημειώσεις|σημείωση|παρατηρήσεις|σχόλια",
}


def _plain(heading: str) -> str:
    """Without case, accents, and the marks that stand between words."""
    folded = fold(heading.replace("_", " ").replace("-", " ").replace(".", " ").replace(":", " "))
    return folded.strip("\"'* ")


_FIELDS = {
    _plain(heading): field for field, text in _HEADINGS.items() for heading in text.split("|")
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands in a row."""

    places: dict[Field, int]
    headings: tuple[str, ...]
    unknown: tuple[int, ...]
    double: tuple[int, ...]

    @property
    def usable(self) -> bool:
        """A list of customers has names and numbers at the least."""
        named = Field.GIVEN in self.places or Field.FAMILY in self.places
        return named and Field.PHONE in self.places

    def cell(self, row: Sequence[str], field: Field) -> str:
        place = self.places.get(field)
        return row[place].strip() if place is not None and place < len(row) else ""

    def heading(self, field: Field) -> str:
        place = self.places.get(field)
        return field.value if place is None else self.headings[place]


def recognise(headings: Sequence[str]) -> Columns:
    places: dict[Field, int] = {}
    unknown: list[int] = []
    double: list[int] = []
    for place, heading in enumerate(headings):
        field = _FIELDS.get(_plain(heading))
        if field is None:
            unknown += [place] if heading.strip() else []
        elif field not in places:
            places[field] = place
        elif field is Field.PHONE and Field.SECOND_PHONE not in places:
            places[Field.SECOND_PHONE] = place  # "Mobile" and "Telephone" side by side
        else:
            double.append(place)
    return Columns(
        places, tuple(heading.strip() for heading in headings), tuple(unknown), tuple(double)
    )
