"""Texts of the built-in suggestions: they promise nothing that only the agency can promise."""

import re
from collections.abc import Iterator

import orjson
import pytest

from screenpop.customers.models import LANGUAGES
from screenpop.offers import texts
from screenpop.offers.rules import RULES
from screenpop.offers.templates import TEMPLATES
from screenpop.web.translations import our_catalogues

PROMISES = {
    "en": r"price|discount|% ?off|per ?cent|free|gift|cheap|bargain|voucher|coupon|deal\b|upgrade"
    r"|bonus|reward|special|guarantee|save\b|saving|while .* lasts|last chance|only today|limited",
    "fa": "قیمت|تخفیف|رایگان|هدیه|ارزان|ویژه|جایزه|کوپن|امتیاز ویژه|حراج|درصد|تضمین|ارتقا|مهلت|فرصت"
    "|به‌صرفه|اشانتیون",
    "el": "τιμή|τιμές|έκπτωσ|εκπτώσ|δωρεάν|δώρο|φθην|φτην|κουπόνι|ειδική|αναβάθμιση|εγγύηση|εγγυη"
    "|επιβράβευσ|όσο ισχύει|τελευταία ευκαιρία|μόνο σήμερα|προνόμι|τοις εκατό",
}
"""Words of a promise, in each language."""


def built_in(language: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a rule, of the module of texts, and every reason given with them."""
    for rule in RULES:
        yield rule.id, rule.text[language]
    for template in TEMPLATES:
        yield template.code, template.words[language]
    for name, value in vars(texts).items():
        if name.isupper():
            yield name, value[language]
    for code, suggestion in orjson.loads(our_catalogues()[language].json).items():
        if code.startswith(("offer_reason.", "now.")):
            yield code, suggestion if isinstance(suggestion, str) else " ".join(suggestion)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_built_in_suggestion_promises_a_price_a_discount_or_a_gift(language: str) -> None:
    promise = re.compile(PROMISES[language], re.IGNORECASE)
    found = {where: text for where, text in built_in(language) if promise.search(text)}
    assert found == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Best wishes for the birthday, and the birthday price on the next trip"),
        ("en", "{destination} again this season, while the early price lasts"),
        ("en", "A free upgrade"),
        ("fa", "تبریک تولد و قیمت ویژه‌ی تولد برای سفر بعدی"),
        ("fa", "با ۱۰ درصد تخفیف"),
        ("el", "Ξανά {destination} αυτή την εποχή, όσο ισχύει η τιμή έγκαιρης κράτησης"),
        ("el", "Με έκπτωση 10%"),
    ],
)
def test_a_promise_is_found_by_its_words(language: str, text: str) -> None:
    assert re.search(PROMISES[language], text, re.IGNORECASE)


def test_every_text_is_in_all_languages_and_none_is_in_the_script_of_another() -> None:
    for rule in RULES:
        assert set(rule.text) == set(LANGUAGES)
        bare = {code: text.replace("{destination}", "") for code, text in rule.text.items()}
        assert re.search("[A-Za-z]", bare["en"])
        assert re.search("[\u0600-\u06ff]", bare["fa"])
        assert re.search("[\u0370-\u03ff\u1f00-\u1fff]", bare["el"])
        assert not re.search("[A-Za-z]", bare["fa"] + bare["el"])
