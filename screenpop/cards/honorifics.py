"""Forms of address: titles of each language, and their effect on a Greek name.

These are linguistic data, so they are here and not in the message catalogues.
"""

from collections.abc import Mapping

from screenpop.cards.greek_vocative import vocative
from screenpop.customers.display_name import display_name
from screenpop.customers.models import LANGUAGES, Gender, PersonName, Title

Honorific = tuple[str, str]
"""The title before the full name, and the one in the greeting."""

_NONE: Honorific = ("", "")


def _same(words: str) -> Honorific:
    return (words, words)


_ENGLISH: dict[tuple[Title, Gender], Honorific] = {
    **{(Title.MR, gender): _same("Mr") for gender in Gender},
    **{(Title.MS, gender): _same("Ms") for gender in Gender},
    **{(Title.DR, gender): _same("Dr") for gender in Gender},
    **{(Title.ENG, gender): _same("Eng.") for gender in Gender},
    **{(Title.PROF, gender): _same("Prof.") for gender in Gender},
    (Title.NONE, Gender.MAN): _same("Mr"),
    (Title.NONE, Gender.WOMAN): _same("Ms"),
}

_PERSIAN: dict[tuple[Title, Gender], Honorific] = {
    **{(Title.MR, gender): _same("آقای") for gender in Gender},
    **{(Title.MS, gender): _same("خانم") for gender in Gender},
    **{(Title.PROF, gender): _same("استاد") for gender in Gender},
    (Title.DR, Gender.WOMAN): _same("خانم دکتر"),
    (Title.DR, Gender.MAN): _same("آقای دکتر"),
    (Title.DR, Gender.UNSAID): _same("دکتر"),
    (Title.ENG, Gender.WOMAN): _same("خانم مهندس"),
    (Title.ENG, Gender.MAN): _same("آقای مهندس"),
    (Title.ENG, Gender.UNSAID): _same("مهندس"),
    (Title.NONE, Gender.MAN): _same("آقای"),
    (Title.NONE, Gender.WOMAN): _same("خانم"),
}

_GREEK_MR, _GREEK_MS = ("Κύριος", "κύριε"), ("Κυρία", "κυρία")

_GREEK: dict[tuple[Title, Gender], Honorific] = {
    **{(Title.MR, gender): _GREEK_MR for gender in Gender},
    **{(Title.MS, gender): _GREEK_MS for gender in Gender},
    **{(Title.DR, gender): _same("Δρ") for gender in Gender},
    # Greek has no title for engineers: Κύριος and Κυρία are used.
    (Title.ENG, Gender.MAN): _GREEK_MR,
    (Title.ENG, Gender.WOMAN): _GREEK_MS,
    (Title.PROF, Gender.MAN): ("Καθηγητής", "κύριε καθηγητά"),
    (Title.PROF, Gender.WOMAN): ("Καθηγήτρια", "κυρία καθηγήτρια"),
    (Title.PROF, Gender.UNSAID): _same("Καθ."),
    (Title.NONE, Gender.MAN): _GREEK_MR,
    (Title.NONE, Gender.WOMAN): _GREEK_MS,
}

HONORIFICS = {"en": _ENGLISH, "fa": _PERSIAN, "el": _GREEK}
"""By title and gender. Without a stored title the gender gives one; neither is guessed."""


def address(names: Mapping[str, PersonName], title: Title, gender: Gender, language: str) -> str:
    """Return title and full name.

    Examples: ``Dr Laleh Karimi``, ``خانم دکتر لاله کریمی``, ``Κυρία Ελένη Παππά``.
    """
    before, _ = _honorific(title, gender, language)
    return _address(before, display_name(names, language))


def salutation(names: Mapping[str, PersonName], title: Title, gender: Gender, language: str) -> str:
    """Return the form of a greeting: title and family name, in Greek in the vocative.

    Example: ``κύριε Παπαδόπουλε``. The full name where title or family name is missing.
    """
    _, before = _honorific(title, gender, language)
    called = language == "el" and _is_man(title, gender)
    return _salutation(before, display_name(names, language), called)


def forms_of_address(
    names: Mapping[str, PersonName], title: Title, gender: Gender
) -> tuple[dict[str, str], dict[str, str]]:
    """Return ``address`` and ``salutation`` in every language of the pages."""
    addresses, salutations = {}, {}
    man = _is_man(title, gender)
    for language in LANGUAGES:
        name = display_name(names, language)
        before, greeting = _honorific(title, gender, language)
        addresses[language] = _address(before, name)
        salutations[language] = _salutation(greeting, name, man and language == "el")
    return addresses, salutations


def _address(before: str, name: PersonName) -> str:
    return f"{before} {name.full}".strip()


def _salutation(before: str, name: PersonName, called: bool) -> str:
    if name.called:
        return name.called
    if not before or not name.family:
        return f"{before} {name.full}".strip()
    return f"{before} {vocative(name.family) if called else name.family}"


def _honorific(title: Title, gender: Gender, language: str) -> Honorific:
    words = HONORIFICS.get(language)
    return _NONE if words is None else words.get((title, gender), _NONE)


def _is_man(title: Title, gender: Gender) -> bool:
    return title is Title.MR or (title is not Title.MS and gender is Gender.MAN)
