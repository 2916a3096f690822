"""The fixed sale rules become offers of the office, switched off, with their quiet times.

Only where the program is in use: a new office starts from the templates. What a customer declined
stays quiet, and what they never want to hear again stays so, if the office switches the offer on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LANGUAGES = ("en", "fa", "el")
SLICE = 500

users = sa.table("users", sa.column("id", ID), sa.column("language", sa.Text()))
offers = sa.table(
    "offers",
    sa.column("id", ID),
    sa.column("name", sa.Text()),
    sa.column("terms", sa.JSON()),
    sa.column("active", sa.Boolean()),
    sa.column("made_at", sa.Double()),
    sa.column("changed_at", sa.Double()),
)
customers = sa.table(
    "customers", sa.column("id", ID), sa.column("quiet_offers", sa.JSON(none_as_null=True))
)


def _field(field: str, op_: str, *value: object) -> dict[str, object]:
    return {"field": field, "op": op_, **({"value": value[0]} if value else {})}


def _trips(*where: dict[str, object]) -> dict[str, object]:
    return {"trips": {"where": list(where), "op": ">=", "count": 1}}


_NO_TRIP_AHEAD = _field("next_trip", "is_not_set")
RULES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Mapping[str, Any]]] = {
    "quote_open": (
        {"en": "Open quote", "fa": "پیشنهاد باز", "el": "Ανοιχτή προσφορά"},
        {
            "en": "The quote for {destination}: what is still missing to decide?",
            "fa": "پیشنهاد {destination}: برای تصمیم چه چیزی هنوز کم است؟",
            "el": "Η προσφορά για {destination}: τι λείπει ακόμη για να αποφασίσετε;",
        },
        _trips(
            _field("trip.status", "is_any", ["asked", "quoted"]),
            _field("trip.departed_days_ago", "is_not_set"),
        ),
    ),
    "birthday": (
        {"en": "Birthday", "fa": "تولد", "el": "Γενέθλια"},
        {
            "en": "Happy birthday! Is there somewhere you would like to go this year?",
            "fa": "تولدتان مبارک! امسال دوست دارید کجا بروید؟",
            "el": "Χρόνια πολλά! Πού θα θέλατε να ταξιδέψετε φέτος;",
        },
        _field("birthday_in_days", "<=", 7),
    ),
    "anniversary": (
        {"en": "Anniversary", "fa": "سالگرد ازدواج", "el": "Επέτειος"},
        {
            "en": "Happy anniversary! Would you like to celebrate it with a trip?",
            "fa": "سالگردتان مبارک! دوست دارید با سفری جشنش بگیرید؟",
            "el": "Χρόνια πολλά για την επέτειο! Θα θέλατε να τη γιορτάσετε με ένα ταξίδι;",
        },
        _field("anniversary_in_days", "<=", 14),
    ),
    "season_again": (
        {"en": "Usual time to travel", "fa": "وقت سفر همیشگی", "el": "Συνηθισμένη εποχή"},
        {
            "en": "Your usual time to travel is coming: it is a good time to plan it",
            "fa": "وقت سفر همیشگی شما نزدیک است؛ حالا وقت برنامه‌ریزی است",
            "el": "Πλησιάζει η εποχή που ταξιδεύετε: τώρα είναι η ώρα να το οργανώσετε",
        },
        {
            "all": [
                _field("usual_trip_overdue_days", ">=", -150),
                _field("usual_trip_overdue_days", "<=", -30),
            ]
        },
    ),
    "loved_before": (
        {"en": "A loved place", "fa": "جای دلخواه", "el": "Αγαπημένο μέρος"},
        {
            "en": "{destination} once more, or a place like it",
            "fa": "یک بار دیگر {destination}، یا جایی شبیه آن",
            "el": "Άλλη μια φορά {destination} ή κάποιο μέρος σαν αυτό",
        },
        {
            "all": [
                _trips(_field("trip.rating", ">=", 4), _field("trip.departed_days_ago", ">=", 60)),
                _NO_TRIP_AHEAD,
            ]
        },
    ),
    "welcome_back": (
        {"en": "Long silence", "fa": "بی‌خبری طولانی", "el": "Μακρά σιωπή"},
        {
            "en": "Good to hear from you again: where would you like to go next?",
            "fa": "خوشحالیم که دوباره صدایتان را می‌شنویم؛ سفر بعدی کجا باشد؟",
            "el": "Χαιρόμαστε που σας ακούμε ξανά: πού θα θέλατε να πάτε;",
        },
        {"all": [_field("last_trip_days_ago", ">=", 365), _NO_TRIP_AHEAD]},
    ),
}
"""The rule to the names, words and condition of its offer."""


def upgrade() -> None:
    connection = op.get_bind()
    languages = connection.execute(sa.select(users.c.language)).scalars().all()
    if not languages:
        return
    language = max(LANGUAGES, key=Counter(languages).__getitem__)
    ids = {rule: _add(connection, rule, language) for rule in RULES}
    _carry_quiet_times(connection, ids)


def _add(connection: sa.Connection, rule: str, language: str) -> str:
    """Add the offer of a rule, off and without terms; return the id with which it is suggested."""
    names, words, condition = RULES[rule]
    terms = {
        "name": names[language],
        "words": dict(words),
        "condition": {"version": 1, "condition": condition},
        "limit": None,
    }
    added = connection.execute(
        sa.insert(offers)
        .values(
            name=names[language],
            terms={"version": 1, "offer": terms},
            active=False,
            made_at=0.0,
            changed_at=0.0,
        )
        .returning(offers.c.id)
    )
    return f"offer:{added.scalar_one()}"


def _carry_quiet_times(connection: sa.Connection, ids: Mapping[str, str]) -> None:
    for customer_id, quiet in _quiet(connection):
        after: dict[str, str] = {}
        for suggestion, day in quiet.items():
            rule, _, _trip = suggestion.partition(":")
            offer = ids.get(rule, suggestion)
            after[offer] = max(day, after.get(offer, ""))
        if after != quiet:
            connection.execute(
                sa.update(customers).where(customers.c.id == customer_id).values(quiet_offers=after)
            )


def _quiet(connection: sa.Connection) -> Iterator[tuple[int, dict[str, str]]]:
    last = 0
    while True:
        found = connection.execute(
            sa.select(customers.c.id, customers.c.quiet_offers)
            .where(customers.c.id > last, customers.c.quiet_offers.is_not(None))
            .order_by(customers.c.id)
            .limit(SLICE)
        ).all()
        if not found:
            return
        last = found[-1].id
        yield from ((row.id, row.quiet_offers) for row in found if row.quiet_offers)
