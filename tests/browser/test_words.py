"""Every text of a page is in all three catalogues, with the same parameters."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from screenpop.accounts.users import Department, Role
from screenpop.ami.problem_codes import ProblemCode
from screenpop.calls.call_record import LegOutcome
from screenpop.calls.events import Direction, Disposition, EndReason, TransferKind
from screenpop.cards.card import CardState, MatchKind
from screenpop.customers.models import CaseKind, Product, Tier, VisaState
from screenpop.telephony.caller_id import CallerIdKind

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

CODED: dict[str, type[StrEnum]] = {
    "state": CardState,
    "sure": MatchKind,
    "direction": Direction,
    "disposition": Disposition,
    "outcome": LegOutcome,
    "end_reason": EndReason,
    "transfer_kind": TransferKind,
    "tier": Tier,
    "product": Product,
    "visa": VisaState,
    "case": CaseKind,
    "role": Role,
    "department": Department,
    "caller_kind": CallerIdKind,
    "pbx": ProblemCode,
}
"""The kinds of codes that rooms below the pages speak in."""

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "fa", "el")
PARAMETER = re.compile(r"%\((\w+)\)s")
CALL = re.compile(r"(?<![\w.$])(?:t|tn|parts|has)\(\s*(?:\w+ \? )?([\"'])((?:\\.|(?!\1).)+)\1")
CODE = re.compile(r"^[a-z_]+\.[a-z_.A-Z0-9]+$")


def _catalogue(language: str) -> "Catalog":
    path = ROOT / f"screenpop/web/locale/{language}/LC_MESSAGES/screenpop.po"
    with path.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


CATALOGUES = {language: _catalogue(language) for language in LANGUAGES}


def _texts(message: "Message") -> Iterator[str]:
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    yield from (str(text) for text in strings)


def _ids(catalogue: "Catalog") -> set[str]:
    ids = (message.id for message in catalogue if message.id)
    return {str(one if isinstance(one, str) else one[0]) for one in ids}


def _translated() -> Iterator[tuple[str, str]]:
    templates = (ROOT / "screenpop/web/templates").glob("*.html")
    for path in [*templates, *(ROOT / "static/js").glob("*.js")]:
        for found in CALL.finditer(path.read_text(encoding="utf-8")):
            words = found[2].replace("\\'", "'").replace('\\"', '"')
            if " " in words or not words.endswith("."):  # "state." is the head of a code
                yield path.name, words


TRANSLATED = sorted(set(_translated()))


def test_the_pages_contain_texts() -> None:
    assert len(TRANSLATED) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_texts_of_pages_are_in_the_catalogue(language: str) -> None:
    known = _ids(CATALOGUES[language])
    assert [sent for sent in TRANSLATED if sent[1] not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_uncertain(language: str) -> None:
    bad = [
        message.id
        for message in CATALOGUES[language]
        if message.id and (message.fuzzy or not all(_texts(message)))
    ]
    assert bad == []


def test_the_languages_have_the_same_entries() -> None:
    english = _ids(CATALOGUES["en"])
    for language in LANGUAGES[1:]:
        assert _ids(CATALOGUES[language]) ^ english == set(), language


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translation_has_the_parameters_of_the_english_words(language: str) -> None:
    english = {str(message.id): message for message in CATALOGUES["en"] if message.id}
    for message in CATALOGUES[language]:
        if not message.id:
            continue
        wanted = set(PARAMETER.findall(" ".join(_texts(english[str(message.id)]))))
        for text in _texts(message):
            assert set(PARAMETER.findall(text)) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_percent_sign_is_left_alone(language: str) -> None:
    for message in CATALOGUES[language]:
        for text in _texts(message):
            assert "%" not in PARAMETER.sub("", text) or not message.id, message.id


def test_english_labels_are_their_own_translation() -> None:
    for message in CATALOGUES["en"]:
        if message.id and isinstance(message.id, str) and not CODE.match(message.id):
            assert message.string == message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_all_their_forms(language: str) -> None:
    catalogue = CATALOGUES[language]
    for message in catalogue:
        if message.id and not isinstance(message.id, str):
            assert len(list(_texts(message))) == catalogue.num_plurals == 2


@pytest.mark.parametrize("kind", CODED)
def test_every_code_has_words(kind: str) -> None:
    known = _ids(CATALOGUES["en"])
    assert [code for code in CODED[kind] if f"{kind}.{code}" not in known] == []


@pytest.mark.parametrize(
    ("folder", "pattern", "kind"),
    [
        ("offers", r"Reason\(\s*\"(\w+)\"", "offer_reason"),
        ("service", r"\bReason\(\s*\"(\w+)\"", "reason"),
        ("customers", r"NONE, MatchReason\(\s*\"(\w+)\"", "match"),
        ("cards", r"CardAlert\(\s*\"(\w+)\"", "now"),
        ("service", r"trace\.add\(\s*[\w.]+,\s*\"(\w+)\"", "trace"),
    ],
)
def test_every_written_reason_has_words(folder: str, pattern: str, kind: str) -> None:
    sources = (ROOT / "screenpop" / folder).rglob("*.py")
    codes = {code for path in sources for code in re.findall(pattern, path.read_text("utf-8"))}
    known = _ids(CATALOGUES["en"])
    assert codes
    assert [code for code in sorted(codes) if f"{kind}.{code}" not in known] == []
