"""The demo's offers: three that are on, in the words of a travel agency."""

from typing import Any

from screenpop.offers.offer_json import read_offer, write_offer


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
            "el": "Σας άρεσε: {destination}. Τέσσερις νύχτες δίπλα στον Βόσπορο, {price}",
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
    },
    {
        "name": "نوروز خانوادگی در کیش",
        "words": {
            "en": "Nowruz on Kish with the children: {places} family rooms are left, {price}",
            "fa": "نوروز با بچه‌ها در کیش؛ {places} اتاق خانوادگی مانده است، {price}",
            "el": "Νορούζ στο Κις με τα παιδιά: {places} οικογενειακά δωμάτια, {price}",
        },
        "condition": {
            "any": [
                _field("tag", "is_any", ["family", "خانواده"]),
                _trips(
                    _field("trip.children", ">=", 1), _field("trip.departed_days_ago", "<=", 900)
                ),
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
)


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
