"""The catalogues of the pages, read from the ``.po`` files once at start.

A msgid is either plain English (``"Log in"``) or a dotted code (``"reason.answered_by"``), whose
English words are in the English catalogue. Missing translations fall back to English.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations, c2py
from pathlib import Path

import orjson
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from typing_extensions import override

from screenpop.customers.models import LANGUAGES
from screenpop.web.assets import short_hash

RIGHT_TO_LEFT = frozenset({"fa"})

Words = dict[str, str | list[str]]
"""msgid to its translation, or to its plural forms in the order of the language."""


class CatalogueError(Exception):
    """A ``.po`` file cannot be read; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    language: str
    translations: NullTranslations = field(repr=False)
    json: bytes = field(repr=False)
    """The same translations as JSON for the browser."""
    version: str

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def url(self) -> str:
        return f"/i18n/{self.language}.json?v={self.version}"

    def gettext(self, msgid: str, /, **params: object) -> str:
        """Return the translation, with ``%(name)s`` replaced if there are params."""
        return _filled(self.translations.gettext(msgid), params) if msgid else ""

    def ngettext(self, one: str, many: str, count: int, /, **params: object) -> str:
        """Return the plural form for a count; ``%(count)s`` is the count."""
        words = self.translations.ngettext(one, many, count)
        return _filled(words, {"count": count, "num": count, **params})


class _Translations(NullTranslations):
    """The translations of one file. ``GNUTranslations`` would want them in binary form, which takes
    longer to make than the ``.po`` file takes to read."""

    def __init__(self, catalog: Catalog, words: Words) -> None:
        super().__init__()
        self._one = {msgid: text for msgid, text in words.items() if isinstance(text, str)}
        self._many = {msgid: text for msgid, text in words.items() if isinstance(text, list)}
        self._form_of = c2py(catalog.plural_expr)

    @override
    def gettext(self, message: str) -> str:
        if message in self._many:
            return self.ngettext(message, message, 1)
        return self._one.get(message) or super().gettext(message)

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._many.get(msgid1)
        return super().ngettext(msgid1, msgid2, n) if forms is None else forms[self._form_of(n)]


def _filled(words: str, params: dict[str, object]) -> str:
    return words % params if params else words


@cache
def our_catalogues() -> Mapping[str, Catalogue]:
    """Return the bundled catalogues, read once per process."""
    return read_catalogues(Path(__file__).parent / "locale")


def read_catalogues(root: Path) -> dict[str, Catalogue]:
    """Return ``{language: catalogue}`` from ``<root>/<language>/LC_MESSAGES/screenpop.po``.

    A language without a file uses English. Raises ``CatalogueError`` for a broken one.
    """
    english = _read(root, "en")
    words = _words(english)
    translations = _Translations(english, words)
    return {
        language: _with_json("en", translations, words)
        if language == "en"
        else _catalogue(language, _read(root, language), words, translations)
        for language in LANGUAGES
    }


def _catalogue(language: str, own: Catalog, words: Words, english: NullTranslations) -> Catalogue:
    own_words = _words(own)
    translations = _Translations(own, own_words)
    translations.add_fallback(english)
    return _with_json(language, translations, words | own_words)


def _with_json(language: str, translations: NullTranslations, words: Words) -> Catalogue:
    json = orjson.dumps(words, option=orjson.OPT_SORT_KEYS)
    return Catalogue(language, translations, json, short_hash(json))


def _read(root: Path, language: str) -> Catalog:
    path = root / language / "LC_MESSAGES" / "screenpop.po"
    if not path.is_file():
        return Catalog(locale=language)
    try:
        with path.open("rb") as source:
            return read_po(source, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as problem:
        raise CatalogueError(f"{path} cannot be read: {problem}") from problem


def _words(catalog: Catalog) -> Words:
    words: Words = {}
    for message in catalog:
        if not message.id or message.fuzzy or not message.string:
            continue
        if isinstance(message.string, str):
            words[str(message.id)] = message.string
        elif all(message.string):
            words[message.id[0]] = list(message.string)
    return words
