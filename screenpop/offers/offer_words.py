"""The words of an office's offer: their fields, and the text that an agent reads out."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from screenpop.conditions.tree import AllOf, Money, Node, Op, Trips
from screenpop.customers.models import LANGUAGES
from screenpop.customers.place_names import place_name
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.office_offer import OfferTerms

MAX_WORDS_LENGTH = 300
FIELDS = ("name", "destination", "product", "price", "places")
_FIELD = re.compile(r"\{([^{}]*)\}")
_PERSIAN = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
_CURRENCIES = {
    "en": {
        "IRR": "rials",
        "IRT": "tomans",
        "EUR": "euros",
        "GBP": "pounds",
        "USD": "dollars",
        "AED": "dirhams",
        "TRY": "liras",
    },
    "fa": {
        "IRR": "ریال",
        "IRT": "تومان",
        "EUR": "یورو",
        "GBP": "پوند",
        "USD": "دلار",
        "AED": "درهم",
        "TRY": "لیر",
    },
    "el": {
        "IRR": "ριάλ",
        "IRT": "τομάν",
        "EUR": "ευρώ",
        "GBP": "λίρες",
        "USD": "δολάρια",
        "AED": "ντίρχαμ",
        "TRY": "τουρκικές λίρες",
    },
}
"""As an agent reads them out."""
_ISOLATED = "\u2068{}\u2069"
"""Isolated (UAX #9): a name in the other direction must not reorder the sentence."""


class WordFacts(NamedTuple):
    """What fills the fields of the words, for one customer."""

    name: Callable[[str], str]
    """Returns the customer's name for a language."""
    tier: str
    destination: str
    places: int | None


def fields_of(words: Mapping[str, str]) -> frozenset[str]:
    """Return the fields that are used in any language."""
    return frozenset(name for text in words.values() for name in _FIELD.findall(text))


def check_words(terms: OfferTerms, languages: Collection[str]) -> None:
    """Raise ``OfferError`` for words that are missing, too long, or cannot be filled in."""
    for language in languages:
        if not terms.words.get(language):
            remedy = "write the words in this language too; its agents would read nothing"
            raise OfferError(OfferProblem.WORDS, f"words.{language}", remedy)
    for language, text in terms.words.items():
        _check_text(f"words.{language}", text)
        for name in _FIELD.findall(text):
            remedy = _cannot_fill(name, terms)
            if remedy:
                raise OfferError(OfferProblem.WORDS, f"words.{language}", remedy, "{" + name + "}")


def _check_text(field: str, text: str) -> None:
    if len(text) > MAX_WORDS_LENGTH:
        remedy = f"write at most {MAX_WORDS_LENGTH} characters"
        raise OfferError(OfferProblem.WORDS, field, remedy, text)
    bare = _FIELD.sub("", text)
    if "{" in bare or "}" in bare:
        remedy = "a field is written {name}; no other { or } is possible"
        raise OfferError(OfferProblem.WORDS, field, remedy, text)


def _cannot_fill(name: str, terms: OfferTerms) -> str:
    """Return what to do about a field that cannot be filled in; empty where it can."""
    if name not in FIELDS:
        return f"use the fields {', '.join('{' + one + '}' for one in FIELDS)}"
    if name == "destination" and spoken_trips(terms.condition) is None:
        return "add a condition on trips, all of which have a destination, or write the place"
    if name == "price" and terms.price is None:
        return "set a price, or leave the field out"
    if name == "places" and terms.places is None:
        return "set the number of places, or leave the field out"
    if name == "product" and not terms.product:
        return "name the product, or leave the field out"
    return ""


def spoken_trips(condition: Node | None) -> Trips | None:
    """Return the trips that each customer who meets a condition has: their place can be named."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    for part in parts:
        if isinstance(part, Trips) and _is_needed(part):
            return part
        if isinstance(part, AllOf) and (found := spoken_trips(part)) is not None:
            return found
    return None


def _is_needed(trips: Trips) -> bool:
    least = 0 if trips.op is Op.MORE else 1
    return trips.op in (Op.AT_LEAST, Op.MORE, Op.EQUAL) and trips.count >= least


def fill_words(terms: OfferTerms, facts: WordFacts) -> dict[str, str]:
    """Return the text of each language.

    Replaced, not formatted: a name may hold braces.
    """
    price = terms.tier_prices.get(facts.tier, terms.price)

    def text_of(language: str, field: str) -> str:
        match field:
            case "name":
                return _ISOLATED.format(facts.name(language))
            case "destination":
                return _ISOLATED.format(place_name(facts.destination, language))
            case "price":
                return "" if price is None else _ISOLATED.format(amount_text(price, language))
            case "places":
                return number_text(facts.places or 0, language)
            case _:
                return _ISOLATED.format(terms.product)

    filled = {
        language: _FIELD.sub(lambda found, of=language: text_of(of, found[1]), text)  # type: ignore[misc]
        for language, text in terms.words.items()
    }
    # A language switched on later has no words yet: agents read those of another one.
    first = next(iter(filled.values()), "")
    return {language: filled.get(language, first) for language in LANGUAGES}


def number_text(number: int, language: str) -> str:
    """Return a whole number in the digits and separators of a language."""
    text = f"{number:,}"
    if language == "fa":
        return text.translate(_PERSIAN)
    return text.replace(",", ".") if language == "el" else text


def amount_text(money: Money, language: str) -> str:
    currency = _CURRENCIES.get(language, {}).get(money.currency, money.currency)
    return f"{number_text(money.amount, language)} {currency}"
