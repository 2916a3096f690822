"""The words of the pages, from their .po files."""

from pathlib import Path

import orjson
import pytest

from screenpop.web.translations import CatalogueError, read_catalogues

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals={forms}; plural={rule};\n"

"""
ENGLISH = (
    HEADER.format(forms=2, rule="(n != 1)")
    + """
msgid "reason.answered_by"
msgstr "%(name)s answered"

msgid "%(count)s call"
msgid_plural "%(count)s calls"
msgstr[0] "%(count)s call"
msgstr[1] "%(count)s calls"
"""
)
PERSIAN = (
    HEADER.format(forms=1, rule="0")
    + """
msgid "Log in"
msgstr "ورود"

#, fuzzy
msgid "Guessed"
msgstr "حدس"

msgid "Untranslated"
msgstr ""

msgid "%(count)s call"
msgid_plural "%(count)s calls"
msgstr[0] "%(count)s تماس"
"""
)


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    for language, text in (("en", ENGLISH), ("fa", PERSIAN)):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "screenpop.po").write_text(text, encoding="utf-8")
    return tmp_path


def test_each_language_has_its_own_words(locale: Path) -> None:
    catalogues = read_catalogues(locale)
    assert catalogues["fa"].gettext("Log in") == "ورود"
    assert catalogues["en"].gettext("Log in") == "Log in"
    assert catalogues["en"].gettext("reason.answered_by", name="Eleni") == "Eleni answered"


def test_a_text_missing_in_a_language_is_in_english(locale: Path) -> None:
    catalogues = read_catalogues(locale)
    for language in ("fa", "el"):
        assert catalogues[language].gettext("reason.answered_by", name="E") == "E answered"
    assert catalogues["fa"].gettext("Guessed") == "Guessed"
    assert catalogues["fa"].gettext("Untranslated") == "Untranslated"
    assert catalogues["fa"].gettext("") == ""


def test_one_and_many_follow_the_rule_of_the_language(locale: Path) -> None:
    catalogues = read_catalogues(locale)
    counted = ("%(count)s call", "%(count)s calls")
    assert catalogues["en"].ngettext(*counted, 1) == "1 call"
    assert catalogues["en"].ngettext(*counted, 2) == "2 calls"
    assert catalogues["el"].ngettext(*counted, 0) == "0 calls"
    assert catalogues["fa"].ngettext(*counted, 1) == "1 تماس"
    assert catalogues["fa"].ngettext(*counted, 2) == "2 تماس"
    assert catalogues["en"].gettext(counted[0], count=1) == "1 call"


def test_a_percent_sign_is_one_where_nothing_is_filled_in(locale: Path) -> None:
    assert read_catalogues(locale)["en"].gettext("100 %") == "100 %"


def test_the_browser_gets_the_same_words(locale: Path) -> None:
    catalogues = read_catalogues(locale)
    assert orjson.loads(catalogues["fa"].json) == {
        "reason.answered_by": "%(name)s answered",
        "Log in": "ورود",
        "%(count)s call": ["%(count)s تماس"],
    }
    assert catalogues["fa"].url == f"/i18n/fa.json?v={catalogues['fa'].version}"
    assert catalogues["fa"].version != catalogues["el"].version


def test_persian_is_written_from_right_to_left(locale: Path) -> None:
    directions = {code: one.direction for code, one in read_catalogues(locale).items()}
    assert directions == {"en": "ltr", "fa": "rtl", "el": "ltr"}


@pytest.mark.parametrize("broken", [b"msgid nonsense\n", b'msgid "\xff"\nmsgstr ""\n'])
def test_a_broken_file_is_named(locale: Path, broken: bytes) -> None:
    path = locale / "fa" / "LC_MESSAGES" / "screenpop.po"
    path.write_bytes(broken)
    with pytest.raises(CatalogueError, match=str(path)):
        read_catalogues(locale)
