"""Countries by their names in English, Persian and Greek."""

import re
from functools import cache

from babel import Locale

from screenpop.common.search_normalization import fold
from screenpop.customers.models import LANGUAGES
from screenpop.spreadsheets.values.enum_words import CellError

_ALSO = {
    "AE": "uae|dubai|emirates|امارات|دبی|ντουμπάι|εμιράτα",
    "GB": "uk|england|great britain|britain|انگلیس|انگلستان|αγγλία|μεγάλη βρετανία",
    "US": "usa|america|united states of america|آمریکا|امریکا|ηπα|αμερική",
    "TR": "turkey|türkiye|ترکیه|τουρκία",
    "RU": "russia|روسیه|ρωσία",
    "KR": "south korea|korea|کره|کره جنوبی|κορέα",
    "CZ": "czech republic|چک|جمهوری چک|τσεχία",
    "NL": "holland|هلند|ολλανδία",
    "IR": "iran|ایران|ιράν|περσία",
    "GE": "گرجستان",
    "CN": "china|چین|κίνα",
    "MK": "north macedonia|βόρεια μακεδονία",
}
_NO_COUNTRIES = frozenset(("ZZ", "EU", "UN", "EZ", "XA", "XB", "QO"))
_PARTS = re.compile(r"[,،()/]|\s[-–]\s")


def parse_country(text: str) -> str | CellError:
    """Return the ISO 3166-1 alpha-2 code of a name or a code."""
    found = _by_name().get(fold(text))
    if found is not None:
        return found
    letters = text.strip().upper()
    return letters if letters in _codes() else CellError("unknown_country")


def country_of_destination(destination: str) -> str:
    """Return the country that a destination names (``Istanbul, Turkey``, ``ترکیه``), or empty."""
    parts = [destination, *_PARTS.split(destination)]
    return next((code for part in parts if (code := _by_name().get(fold(part)))), "")


@cache
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if (
                len(code) == 2
                and code.isalpha()
                and code not in {"ZZ", "EU", "UN", "EZ", "XA", "XB"}
            ):
                names.setdefault(fold(name), code)
    for code, words in _ALSO.items():
        names.update({fold(word): code for word in words.split("|")})
    return names


@cache
def _codes() -> frozenset[str]:
    return frozenset(_by_name().values())
