"""The demo's offers: some templates and some of its own, in the words of a travel agency."""

from collections.abc import Sequence
from typing import Any

from screenpop.offers.control_share import is_in_control
from screenpop.offers.offer_json import read_offer, write_offer
from screenpop.offers.office_offer import OfferId, suggestion_id
from screenpop.offers.outcomes import WITHHELD


def _field(field: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, **({"value": value[0]} if value else {})}


def _trips(*where: dict[str, Any]) -> dict[str, Any]:
    return {"trips": {"where": list(where)}}


OFFERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Istanbul again, small hotels",
        "words": {
            "en": "You liked {destination}. Four nights in a small hotel by the Bosphorus: {price}",
            "fa": "از {destination} راضی بودید؛ چهار شب در هتلی کوچک کنار بسفر، {price}",
            "el": "Σας άρεσε η {destination}: τέσσερις νύχτες δίπλα στον Βόσπορο, {price}",
        },
        "condition": {
            "all": [
                _trips(
                    _field("trip.destination", "is_any", ["Istanbul"]),
                    _field("trip.rating", ">=", 4),
                    _field("trip.departed_days_ago", ">=", 180),
                ),
                _field("consent_offers", "is_none", ["no"]),
            ]
        },
        "product": "Flight and hotel, 4 nights",
        "price": {"amount": 640, "currency": "EUR"},
        "tier_prices": {"gold": {"amount": 610, "currency": "EUR"}},
        "margin": {"amount": 85, "currency": "EUR"},
        "voucher": {
            "kind": "amount",
            "amount": {"amount": 40, "currency": "EUR"},
            "days": 180,
            "bound": True,
        },
    },
    {
        "name": "نوروز خانوادگی در کیش",
        "words": {
            "en": "Nowruz on Kish with the children: {places} family rooms are left, {price}",
            "fa": "نوروز با بچه‌ها در کیش؛ {places} اتاق خانوادگی مانده است، {price}",
            "el": "Νορούζ στο Κις με τα παιδιά: {places} οικογενειακά δωμάτια, {price}",
        },
        "condition": {
            "all": [
                _field("language", "is_any", ["fa"]),
                {
                    "any": [
                        _field("tag", "is_any", ["family", "خانواده"]),
                        _trips(
                            _field("trip.children", ">=", 1),
                            _field("trip.departed_days_ago", "<=", 900),
                        ),
                    ]
                },
            ]
        },
        "periods": [{"calendar": "nowruz", "before": 150, "after": 0}],
        "product": "اقامت پنج‌شبه در کیش",
        "price": {"amount": 48_000_000, "currency": "IRT"},
        "places": 12,
        "margin": {"amount": 5_500_000, "currency": "IRT"},
    },
    {
        "name": "Πάσχα στα νησιά, νωρίς",
        "words": {
            "en": "Easter on the islands: book now, while ferries and rooms can be chosen",
            "fa": "عید پاک در جزیره‌ها؛ اگر الان رزرو کنید هنوز کشتی و اتاق برای انتخاب هست",
            "el": "Πάσχα στα νησιά: με κράτηση τώρα υπάρχει ακόμη επιλογή σε πλοία και δωμάτια",
        },
        "condition": {
            "all": [_field("language", "is_any", ["el"]), _field("trip_count", ">=", 1)],
        },
        "periods": [{"calendar": "orthodox_easter", "before": 180, "after": 0}],
        "margin": {"amount": 60, "currency": "EUR"},
    },
    {
        "name": "Open quotes: hold the seats",
        "words": {
            "en": "Your quote for {destination}: we can hold the seats for two days for free",
            "fa": "پیشنهاد {destination} شما: می‌توانیم صندلی‌ها را دو روز رایگان نگه داریم",
            "el": "Η προσφορά σας για {destination}: κρατάμε τις θέσεις δύο μέρες χωρίς χρέωση",
        },
        "condition": _trips(
            _field("trip.status", "is_any", ["asked", "quoted"]),
            _field("trip.departed_days_ago", "is_not_set"),
        ),
        "limit": None,
        "quiet_days": {"not_now": 7, "price": 30, "date": 30, "place": 90},
    },
    {
        "name": "Birthday week: transfer on us",
        "words": {
            "en": "For your birthday: book a trip this week, and the transfer is on us",
            "fa": "به مناسبت تولدتان: اگر این هفته سفری رزرو کنید، ترانسفر مهمان ما هستید",
            "el": "Για τα γενέθλιά σας: με κράτηση αυτή την εβδομάδα, η μεταφορά είναι δική μας",
        },
        "condition": _field("birthday_in_days", "<=", 7),
        "product": "Transfer from and to the airport",
        "margin": {"amount": 55, "currency": "EUR"},
    },
    {
        "name": "سالگرد ازدواج: شب دونفره",
        "words": {
            "en": "For your anniversary: two nights for two on Lesvos, dinner by the sea, {price}",
            "fa": "برای سالگردتان: دو شب دونفره در لسبوس با شام کنار دریا، {price}",
            "el": "Για την επέτειό σας: δύο νύχτες για δύο στη Λέσβο με δείπνο, {price}",
        },
        "condition": _field("anniversary_in_days", "<=", 21),
        "product": "Two nights for two",
        "price": {"amount": 290, "currency": "EUR"},
        "places": 20,
        "margin": {"amount": 45, "currency": "EUR"},
    },
    {
        "name": "Καλώς ήρθατε πάλι: Θεσσαλονίκη",
        "words": {
            "en": "Good to hear from you again! Three nights in Thessaloniki: {price}",
            "fa": "خوشحالیم که دوباره صدایتان را می‌شنویم! سه شب تسالونیکی با صبحانه، {price}",
            "el": "Χαιρόμαστε που σας ακούμε ξανά! Τρεις νύχτες στη Θεσσαλονίκη με πρωινό, {price}",
        },
        "condition": {
            "all": [
                _field("last_trip_days_ago", ">=", 540),
                _field("next_trip", "is_not_set"),
            ]
        },
        "product": "Three nights with breakfast",
        "price": {"amount": 340, "currency": "EUR"},
        "margin": {"amount": 50, "currency": "EUR"},
        "control_percent": 20,
    },
    {
        "name": "Usual time to travel: early choice",
        "words": {
            "en": "Your usual time to travel is coming: book now, change dates once for free",
            "fa": "وقت سفر همیشگی شما نزدیک است: الان رزرو کنید و تاریخ را یک بار رایگان عوض کنید",
            "el": "Πλησιάζει η εποχή που ταξιδεύετε: με κράτηση τώρα αλλάζετε μία φορά ημερομηνία",
        },
        "condition": {
            "all": [
                _field("usual_trip_overdue_days", ">=", -150),
                _field("usual_trip_overdue_days", "<=", -30),
            ]
        },
        "margin": {"amount": 40, "currency": "EUR"},
    },
    {
        "name": "Upgrade: lounge and a better room",
        "words": {
            "en": "For {destination}: the lounge at the airport and a room with a view, {price}",
            "fa": "برای {destination}: سالن ویژهٔ فرودگاه و اتاقی با چشم‌انداز، {price}",
            "el": "Για το ταξίδι ({destination}): αίθουσα αναμονής και δωμάτιο με θέα, {price}",
        },
        "condition": {
            "all": [
                _field("tier", "is_any", ["gold", "platinum"]),
                _trips(
                    _field("trip.status", "is_any", ["booked", "ticketed"]),
                    _field("trip.departs_in_days", ">=", 15),
                    _field("trip.departs_in_days", "<=", 90),
                ),
            ]
        },
        "product": "Lounge and room with a view",
        "price": {"amount": 120, "currency": "EUR"},
        "margin": {"amount": 35, "currency": "EUR"},
    },
)


_OUTCOMES = (
    *(("shown", ""),) * 5,
    *(("later", ""), ("accepted", "")),
    *(("no", "price"), ("no", "date"), ("no", "not_now")),
)
_DAYS = 75
"""Days over which the invented answers are spread."""


def outcome_rows(
    offers: Sequence[tuple[int, int]], customers: Sequence[int], now: float
) -> list[dict[str, Any]]:
    """Return invented rows of ``offer_answers``. ``offers``: ids and control shares in percent."""
    rows = []
    for place, customer_id in enumerate(customers):
        number, control = offers[place % len(offers)]
        offer = suggestion_id(OfferId(number))
        answer, why = _OUTCOMES[place * 7 // len(offers) % len(_OUTCOMES)]
        if is_in_control(offer, customer_id, control):
            answer, why = WITHHELD, ""
        at = now - (1 + place % _DAYS) * 86_400.0
        given = {"customer_id": customer_id, "offer": offer, "answer": answer, "why": why}
        rows.append(given | {"reason": {}, "agent": "Maryam", "at": at})
    return rows


def offer_rows(now: float) -> list[dict[str, Any]]:
    """Return the rows of ``offers``; all are on."""
    read = [
        read_offer(
            {
                "version": 1,
                "offer": {**one, "condition": {"version": 1, "condition": one["condition"]}},
            }
        )
        for one in OFFERS
    ]
    return [
        {
            "name": terms.name,
            "terms": write_offer(terms),
            "active": True,
            "made_at": now,
            "changed_at": now,
        }
        for terms in read
    ]
