"""The text of a message to a customer: a template for each reason and language, and its fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from screenpop.follow_ups.work_list import WorkKind

GENERAL = "general"
"""The reason of a message that comes from no list."""
REASONS = (GENERAL, *(kind.value for kind in WorkKind))
FIELDS = frozenset({"salutation", "name", "destination"})
"""``salutation``: title and family name as one addresses them; ``name``: with the given name."""
MAX_TEXT_LENGTH = 1000
"""Characters of a message."""
_FIELD = re.compile(r"\{([^{}]*)\}")

DEFAULT_TEXTS: Mapping[str, Mapping[str, str]] = {
    GENERAL: {
        "en": "Dear {salutation}, ",
        "fa": "{salutation}، سلام. ",
        "el": "{salutation}, καλησπέρα σας. ",
    },
    "promise": {
        "en": "Dear {salutation}, as promised we tried to reach you. When may we call?",
        "fa": "{salutation}، سلام. طبق قولمان خواستیم با شما تماس بگیریم. چه وقت مناسب است؟",
        "el": "{salutation}, όπως υποσχεθήκαμε σας αναζητήσαμε. Πότε να σας καλέσουμε;",
    },
    "unhappy": {
        "en": "Dear {salutation}, we would like to put right what went wrong. When may we call?",
        "fa": "{salutation}، سلام. می‌خواهیم مشکل پیش‌آمده را جبران کنیم. چه وقت تماس بگیریم؟",
        "el": "{salutation}, θέλουμε να διορθώσουμε ό,τι δεν πήγε καλά. Πότε να σας καλέσουμε;",
    },
    "payment": {
        "en": "Dear {salutation}, a payment for your trip to {destination} is due. When may we"
        " call?",
        "fa": "{salutation}، سلام. سررسید یکی از پرداخت‌های سفر شما به {destination} رسیده است."
        " چه وقت تماس بگیریم؟",
        "el": "{salutation}, μια πληρωμή για το ταξίδι σας λήγει: {destination}. Πότε να σας"
        " καλέσουμε;",
    },
    "balance": {
        "en": "Dear {salutation}, a payment for your trip to {destination} is still open.",
        "fa": "{salutation}، سلام. بخشی از هزینهٔ سفر شما به {destination} هنوز پرداخت نشده است.",
        "el": "{salutation}, εκκρεμεί πληρωμή για το ταξίδι σας: {destination}.",
    },
    "document": {
        "en": "Dear {salutation}, please look at the expiry of your passport and visa before your"
        " trip to {destination}. When may we call?",
        "fa": "{salutation}، سلام. لطفاً پیش از سفر به {destination} تاریخ انقضای گذرنامه و ویزای"
        " خود را ببینید. چه وقت تماس بگیریم؟",
        "el": "{salutation}, ελέγξτε τη λήξη του διαβατηρίου και της βίζας σας πριν από το ταξίδι:"
        " {destination}. Πότε να σας καλέσουμε;",
    },
    "returned": {
        "en": "Dear {salutation}, welcome back from {destination}. How was your trip?",
        "fa": "{salutation}، سلام. رسیدن به خیر از {destination}. سفرتان چطور بود؟",
        "el": "{salutation}, καλώς ήρθατε. Πώς ήταν το ταξίδι σας: {destination};",
    },
    "quote": {
        "en": "Dear {salutation}, have you decided about {destination}? We are glad to help.",
        "fa": "{salutation}، سلام. دربارهٔ سفر به {destination} تصمیم گرفتید؟ در خدمتیم.",
        "el": "{salutation}, αποφασίσατε για το ταξίδι: {destination}; Είμαστε στη διάθεσή σας.",
    },
    "birthday": {
        "en": "Dear {salutation}, we wish you a very happy birthday.",
        "fa": "{salutation}، سلام. زادروزتان مبارک.",
        "el": "{salutation}, σας ευχόμαστε χρόνια πολλά για τα γενέθλιά σας.",
    },
    "anniversary": {
        "en": "Dear {salutation}, we wish you a happy anniversary.",
        "fa": "{salutation}، سلام. سالگرد ازدواجتان مبارک.",
        "el": "{salutation}, σας ευχόμαστε χρόνια πολλά για την επέτειό σας.",
    },
    "referrer": {
        "en": "Dear {salutation}, thank you for recommending us.",
        "fa": "{salutation}، سلام. از اینکه ما را معرفی کردید سپاسگزاریم.",
        "el": "{salutation}, σας ευχαριστούμε που μας συστήσατε.",
    },
    "call_list": {
        "en": "Dear {salutation}, we have something for you. When may we call?",
        "fa": "{salutation}، سلام. برای شما پیشنهادی داریم. چه وقت تماس بگیریم؟",
        "el": "{salutation}, έχουμε κάτι για εσάς. Πότε να σας καλέσουμε;",
    },
    "lapsed": {
        "en": "Dear {salutation}, we have not heard from you for a while. Where to next?",
        "fa": "{salutation}، سلام. مدتی است از شما بی‌خبریم. سفر بعدی به کجا باشد؟",
        "el": "{salutation}, έχουμε καιρό να τα πούμε. Πού θα θέλατε να ταξιδέψετε;",
    },
}


def check_template(text: str) -> str:
    """Return a template. Raises ``ValueError`` for an unknown field or one that is too long."""
    for name in _FIELD.findall(text):
        if name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise ValueError(f"{{{name}}} is no field; there are {known}")
    if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
        raise ValueError("a field is written {salutation}; no other { or } is possible")
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"a message has at most {MAX_TEXT_LENGTH} characters")
    return text


@dataclass(frozen=True, slots=True)
class MessageTexts:
    """``own``: the office's templates by reason and language, instead of ``DEFAULT_TEXTS``."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fill(self, reason: str, language: str, facts: Mapping[str, str]) -> str:
        """Return the text for a reason; a fact that is not known is left out.

        It begins with a capital letter, which a Greek form of address does not have."""
        texts = {**DEFAULT_TEXTS[reason], **self.own.get(reason, {})}
        template = texts.get(language) or texts["en"]
        filled = _FIELD.sub(lambda found: facts.get(found[1], ""), template)
        return (filled[:1].upper() + filled[1:])[:MAX_TEXT_LENGTH]
