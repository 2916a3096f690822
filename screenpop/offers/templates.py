"""Offers to start from. Each is off until an office switches it on and states its own terms.

The words promise no price, discount, gift or deadline: only the office can.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from screenpop.conditions.tree import AllOf, Compare, Node, Op, Trips
from screenpop.offers.office_offer import OfferTerms

_TAKEN = ("booked", "ticketed", "travelled")


@dataclass(frozen=True, slots=True)
class OfferTemplate:
    code: str
    words: Mapping[str, str]
    condition: Node

    def terms(self, name: str) -> OfferTerms:
        """Return an offer to start from, with a name in the user's language."""
        return OfferTerms(name=name, words=self.words, condition=self.condition)


def _within(field: str, days: int) -> Compare:
    return Compare(field, Op.AT_MOST, days)


def _trips(*where: Compare) -> Trips:
    return Trips(where)


def _and_no_trip_ahead(trips: Trips) -> AllOf:
    """Return a condition without those who have a trip ahead: nothing is sold beside it."""
    return AllOf((trips, Compare("next_trip", Op.IS_NOT_SET)))


_LOVED = Compare("trip.rating", Op.AT_LEAST, 4)
_REFERRED = (*("friend", "recommendation", "دوست", "معرفی", "φίλος", "σύσταση"),)

TEMPLATES: tuple[OfferTemplate, ...] = (
    OfferTemplate(
        "open_quote",
        {
            "en": "The quote for {destination}: what is still missing to decide?",
            "fa": "پیشنهاد {destination}: برای تصمیم چه چیزی هنوز کم است؟",
            "el": "Η προσφορά για {destination}: τι λείπει ακόμη για να αποφασίσετε;",
        },
        _trips(
            Compare("trip.status", Op.IS_ANY, ("asked", "quoted")),
            Compare("trip.departed_days_ago", Op.IS_NOT_SET),
        ),
    ),
    OfferTemplate(
        "birthday",
        {
            "en": "For your birthday, {name}: is there somewhere you would like to go this year?",
            "fa": "به مناسبت تولدتان، {name}: امسال دوست دارید کجا بروید؟",
            "el": "Για τα γενέθλιά σας, {name}: πού θα θέλατε να ταξιδέψετε φέτος;",
        },
        _within("birthday_in_days", 7),
    ),
    OfferTemplate(
        "anniversary",
        {
            "en": "Your anniversary is near: would you like to celebrate it with a trip for two?",
            "fa": "سالگردتان نزدیک است: دوست دارید با سفری دونفره جشنش بگیرید؟",
            "el": "Πλησιάζει η επέτειός σας: να τη γιορτάσετε με ένα ταξίδι για δύο;",
        },
        _within("anniversary_in_days", 21),
    ),
    OfferTemplate(
        "long_silence",
        {
            "en": "Good to hear from you again: where would you like to go next?",
            "fa": "خوشحالیم که دوباره صدایتان را می‌شنویم؛ سفر بعدی کجا باشد؟",
            "el": "Χαιρόμαστε που σας ακούμε ξανά: πού θα θέλατε να πάτε;",
        },
        Compare("last_trip_days_ago", Op.AT_LEAST, 540),
    ),
    OfferTemplate(
        "loved_place",
        {
            "en": "You liked {destination}: would you like to go there again?",
            "fa": "از {destination} راضی بودید؛ دوست دارید دوباره به آنجا بروید؟",
            "el": "Σας άρεσε ο προορισμός {destination}: θα θέλατε να ξαναπάτε;",
        },
        _and_no_trip_ahead(_trips(_LOVED, Compare("trip.departed_days_ago", Op.AT_LEAST, 300))),
    ),
    OfferTemplate(
        "place_like_it",
        {
            "en": "You liked {destination}: there is a place much like it that you may not know",
            "fa": "از {destination} راضی بودید؛ جایی شبیه آن هست که شاید هنوز ندیده باشید",
            "el": "Σας άρεσε ο προορισμός {destination}: υπάρχει ένα μέρος που του μοιάζει",
        },
        _and_no_trip_ahead(_trips(_LOVED, Compare("trip.departed_days_ago", Op.AT_LEAST, 60))),
    ),
    OfferTemplate(
        "next_tier",
        {
            "en": "One more trip and you reach the next tier. Shall we look for one?",
            "fa": "با یک سفر دیگر به سطح بعدی می‌رسید. با هم سفری پیدا کنیم؟",
            "el": "Με ένα ακόμη ταξίδι φτάνετε στην επόμενη βαθμίδα. Να βρούμε ένα;",
        },
        AllOf(
            (
                Compare("tier", Op.IS_ANY, ("none", "silver", "gold")),
                Compare("trip_count", Op.AT_LEAST, 4),
            )
        ),
    ),
    OfferTemplate(
        "off_peak",
        {
            "en": "The quiet season suits you: would {destination} outside of the high season do?",
            "fa": "فصل خلوت به سلیقهٔ شما نزدیک است؛ {destination} خارج از فصل شلوغ چطور است؟",
            "el": "Σας ταιριάζει η ήσυχη εποχή: τι λέτε για {destination} εκτός αιχμής;",
        },
        AllOf(
            (
                Trips(
                    (
                        Compare("trip.season", Op.IS_ANY, ("autumn", "winter")),
                        Compare("trip.status", Op.IS_ANY, _TAKEN),
                    ),
                    Op.AT_LEAST,
                    2,
                ),
                Compare("next_trip", Op.IS_NOT_SET),
            )
        ),
    ),
    OfferTemplate(
        "early_booking",
        {
            "en": "Your usual time to travel is coming. Shall we plan it while there is choice?",
            "fa": "وقت سفر همیشگی شما نزدیک است. تا انتخاب هست برنامه‌اش را بریزیم؟",
            "el": "Πλησιάζει η εποχή που ταξιδεύετε. Να το οργανώσουμε όσο υπάρχει επιλογή;",
        },
        AllOf(
            (
                Compare("usual_trip_overdue_days", Op.AT_LEAST, -150),
                Compare("usual_trip_overdue_days", Op.AT_MOST, -30),
            )
        ),
    ),
    OfferTemplate(
        "recovery",
        {
            "en": "{destination} was not what you expected. We would like to do better next time",
            "fa": "سفر {destination} آن‌طور که می‌خواستید نبود. دوست داریم دفعهٔ بعد جبران کنیم",
            "el": "Το ταξίδι ({destination}) δεν ήταν όπως θέλατε. Θέλουμε να επανορθώσουμε",
        },
        _trips(
            Compare("trip.rating", Op.AT_MOST, 2),
            Compare("trip.departed_days_ago", Op.AT_MOST, 365),
        ),
    ),
    OfferTemplate(
        "upgrade",
        {
            "en": "For {destination}: would you like a better room or seat?",
            "fa": "برای {destination}: اتاق یا صندلی بهتری می‌خواهید؟",
            "el": "Για {destination}: θα θέλατε καλύτερο δωμάτιο ή θέση;",
        },
        _trips(
            Compare("trip.status", Op.IS_ANY, ("booked", "ticketed")),
            Compare("trip.departs_in_days", Op.AT_LEAST, 15),
            Compare("trip.departs_in_days", Op.AT_MOST, 90),
        ),
    ),
    OfferTemplate(
        "first_trip",
        {
            "en": "{name}, we would be glad to plan your first trip with you",
            "fa": "{name}، خوشحال می‌شویم اولین سفرتان را با هم برنامه‌ریزی کنیم",
            "el": "{name}, θα χαρούμε να οργανώσουμε μαζί το πρώτο σας ταξίδι",
        },
        Compare("trip_count", Op.EQUAL, 0),
    ),
    OfferTemplate(
        "referral",
        {
            "en": "You came to us on a recommendation: thank you. What can we do for you?",
            "fa": "با معرفی دیگران پیش ما آمده‌اید؛ از شما و ایشان ممنونیم. چه کمکی از ما برمی‌آید؟",
            "el": "Ήρθατε σε εμάς με σύσταση: σας ευχαριστούμε. Τι μπορούμε να κάνουμε για εσάς;",
        },
        Compare("heard_from", Op.IS_ANY, _REFERRED),
    ),
)
TEMPLATES_BY_CODE: Mapping[str, OfferTemplate] = {one.code: one for one in TEMPLATES}
