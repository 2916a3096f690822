"""Names in one cell or in two."""

import re
from functools import lru_cache

from screenpop.common.search_normalization import fold
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.spreadsheets.values.enum_words import split_titles
from screenpop.spreadsheets.values.given_names import is_given_name

_TWO_WORDS_GIVEN = frozenset(
    map(fold, ("محمد", "علی", "امیر", "سید", "سیده", "میر", "حاج", "غلام", "عبد", "فاطمه", "نور"))
)
"""A Persian given name with such a beginning usually has a second word: محمد رضا, امیر حسین."""
_AND = frozenset(map(fold, ("&", "+", "and", "و", "και")))
_WITHIN_GIVEN = _TWO_WORDS_GIVEN | _AND
"""Words before another given name: ΝΙΚΟΣ & ΜΑΡΙΑ."""
_BEFORE_FAMILY = frozenset(
    ("van", "von", "de", "del", "della", "di", "da", "den", "der", "la", "le", "ter", "bin", "al")
)
"""Words that begin a family name."""

_ON_TICKETS = re.compile(
    r"^([^\W\d_][\w' -]*?)\s*/\s*([^\W\d_][\w' -]*?)(?:\s+(MRS|MR|MS|MISS|MSTR|DR|PROF|CHD|INF))?$"
)
"""As airlines write names: ``FAIRWEATHER/PETRA MRS``."""
_COUPLE = re.compile(
    r"(?:^|(?<=[,،]))\s*(?:mr|dr|آقا|آقای|جناب|κος|κ|κύριος)\.?\s*(?:&|and|\+|و|και)\s*"
    r"(?:mrs|ms|dr|خانم|بانو|κα|κυρία)\.?\s+",
    re.IGNORECASE,
)
_SECOND_TITLE = re.compile(
    r"(\s(?:&|and|\+|و|και)\s+)(?:mrs|ms|miss|mr|dr|خانم|بانو|آقای|κα|κυρία|κος|κ|κύριος)\.?\s+",
    re.IGNORECASE,
)
"""Before the second person of ``Mr John & Mrs Ann Lee``."""
_BEHIND_FAMILY = frozenset(
    ("jr", "sr", "ii", "iii", "iv", "mbe", "obe", "cbe", "phd", "md", "msc", "bsc", "esq")
)
"""Words behind a family name, with which they stay."""
_ATTENTION = re.compile(
    r"\s*[-–,(]*\s*\b(?:attn|att|attention|c/o|υπόψη|υπ' όψιν|به نام)\b[.:]?\s*(.+?)\)?$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_MAYBE_SEVERAL = re.compile(r"[&+\d]|\s(?:و|and|και|with|με|همراه|با)\s", re.IGNORECASE)
_MORE_PEOPLE = re.compile(
    r"\s*\(?\s*(?:\+|و|and|plus|και)\s*[\d۰-۹٠-٩]{1,2}\s*"
    r"(?:نفر|نفره|همراه|pax|persons?|people|others?|άτομα|ατομα)?\s*\)?$",
    re.IGNORECASE,
)
_WITH_FAMILY = re.compile(
    r"[\s,،]*(?:\+|&|\s(?:و|به همراه|همراه|با|and|with|και|με))\s*(?:(?:her|his|the|την|τον|τα)\s)?"
    r"(?:خانواده|همسر|همراهان|همراه|بانو|فرزندان|دوستان|family|wife|husband|partner|guests?|kids"
    r"|children|friends|οικογένεια|οικογ\.?|σύζυγος|σύζυγο|παιδιά|παρέα)\s*$",
    re.IGNORECASE,
)
_TITLES_ANYWHERE = frozenset(
    map(
        str.casefold,
        ("mr", "mrs", "ms", "miss", "dr", "prof", "دکتر", "مهندس", "κος", "κα", "δρ"),
    )
)
_COMPANY_FIRST = frozenset(
    map(
        fold,
        (
            *("شرکت", "موسسه", "مؤسسه", "سازمان", "آژانس", "بانک", "هتل", "دانشگاه", "بیمارستان"),
            *(
                "εταιρεία",
                "εταιρία",
                "ξενοδοχείο",
                "τράπεζα",
                "company",
                "hotel",
                "bank",
                "sherkat",
            ),
        ),
    )
)
_LEGAL_WORDS = frozenset(("ltd", "limited", "llc", "gmbh", "plc", "inc", "llp", "corp"))
_LEGAL_FORMS = _LEGAL_WORDS | frozenset(
    ("sa", "ag", "bv", "ae", "co", "αε", "επε", "ικε", "οε", "εε", "αβεε")
)
"""Short forms that count at the end only: they are names elsewhere."""


def split_name(text: str, *, family_first: bool) -> tuple[PersonName, tuple[Title, Gender] | None]:
    """Return the name and the titles before it.

    Nothing is lost: given and family name together are the words as written.
    """
    if (ticket := _ON_TICKETS.match(text)) is not None and text.isupper():
        title = split_titles(f"{ticket[3]} x")[0] if ticket[3] else None
        return PersonName(_capitalized(ticket[2]), _capitalized(ticket[1])), title
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma and (family or given):
        title, given = split_titles(given)
        of_family, family = split_titles(family)
        return PersonName(given, family), title or of_family
    family, comma, given = (part.strip() for part in text.partition("،"))
    if family and _is_given_alone(given):
        of_family, family = split_titles(family)
        title, given = split_titles(given)
        return PersonName(given, family), title or of_family
    title, name = split_titles(text.replace("،", " "))
    words = name.split()
    if title is None and (len(words) > 2 or "(" in name):
        title, words = title_within(words)
    if len(words) < 2:
        return PersonName("", " ".join(words)), title
    if family_first:
        border = _border_of_given(words)
        return PersonName(" ".join(words[border:]), " ".join(words[:border])), title
    border = _border(words)
    return PersonName(" ".join(words[:border]), " ".join(words[border:])), title


def _is_given_alone(text: str) -> bool:
    """Return whether it is a Persian given name behind ``کریمی،``, and no second person."""
    words = split_titles(text)[1].split()
    return len(words) == 1 or (len(words) == 2 and fold(words[0]) in _TWO_WORDS_GIVEN)


def without_remark(text: str) -> str | None:
    """Return the name without what is in brackets (``Tom Smith (old number)``); None for no remark.

    A title in brackets is none, nor is a name that is in brackets as a whole.
    """
    remarks = _IN_BRACKETS.findall(text)
    if not remarks or any(split_titles(f"{one.strip()} x")[0] for one in remarks):
        return None
    bare = " ".join(_IN_BRACKETS.sub(" ", text).split())
    return bare if any(map(str.isalpha, bare)) else None


def couple_or_group(text: str) -> str | None:
    """Return the name without the words of a couple or of more people; None if there are none.

    ``Mr & Mrs Alan Thorncastle``, ``آقا و خانم کریمی``, ``Sara Rad + 3``.
    """
    if not _MAYBE_SEVERAL.search(text):
        return None
    name = _WITH_FAMILY.sub("", _MORE_PEOPLE.sub("", _COUPLE.sub("", text))).strip()
    if _SECOND_TITLE.search(name):
        name = _SECOND_TITLE.sub(r"\1", split_titles(name)[1])
    return name if name and name != text.strip() else None


def is_company(text: str) -> bool:
    """Return whether a name is a company's, by its first or last word or by its legal form."""
    words = fold(text.replace(".", "") if "." in text else text).split()
    if len(words) < 2:
        return False
    if words[0] in _COMPANY_FIRST or words[-1].strip(",;-–()") in _LEGAL_FORMS:
        return True
    return not _LEGAL_WORDS.isdisjoint(words[1:])


def split_company_contact(text: str) -> tuple[str, str]:
    """Return a company's name and the person behind it: ``Wren & Sons Ltd - attn Bella Wren``."""
    found = _ATTENTION.search(text)
    return (text, "") if found is None else (text[: found.start()].strip(), found[1].strip())


def title_within(words: list[str]) -> tuple[tuple[Title, Gender] | None, list[str]]:
    """Return a title between or behind the words of a name, and the other words."""
    for place, word in enumerate(words[1:], 1):
        plain = word.strip("().,")
        if plain.casefold() in _TITLES_ANYWHERE or word == f"({plain})":
            title, _ = split_titles(f"{plain} x")
            if title is not None:
                return title, [*words[:place], *words[place + 1 :]]
    return None, words


def _capitalized(text: str) -> str:
    return " ".join(part.capitalize() for part in text.split())


def _border(words: list[str]) -> int:
    """Return the index of the word where the family name begins."""
    if language_of_name(words[0]) == "fa":
        both = len(words) > 2 and fold(words[0]) in _TWO_WORDS_GIVEN
        both = both and fold(words[1]) not in _AND
        border = 2 if both else 1
        while len(words) > border + 2 and fold(words[border]) in _AND:
            border += 2
        return border
    for place, word in enumerate(words[1:-1], 1):
        if word.casefold() in _BEFORE_FAMILY:
            return place
    return len(words) - 1 - (len(words) > 2 and words[-1].strip(".,").lower() in _BEHIND_FAMILY)


def _border_of_given(words: list[str]) -> int:
    """Return the index of the word where the given name begins, behind the family name."""
    folded = [fold(word) for word in words]
    border = len(words)
    while border > 1 and (
        is_given_name(folded[border - 1])
        or (border < len(words) and folded[border - 1] in _WITHIN_GIVEN)
    ):
        border -= 1
    return border if border < len(words) else 1


@lru_cache(maxsize=4096)
def language_of_name(text: str) -> str:
    """Return the language whose script a name is written in."""
    for char in text:
        if "\u0600" <= char <= "\u06ff":
            return "fa"
        if "\u0370" <= char <= "\u03ff" or "\u1f00" <= char <= "\u1fff":
            return "el"
    return "en"
