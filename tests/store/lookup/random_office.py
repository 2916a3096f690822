"""Random customers, trips, cases and calls, with sizes at the lookup's limits and beside them."""

from datetime import date, timedelta
from random import Random
from typing import Any

from screenpop.customers.consent import CHANNELS
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    Gender,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_columns import MAX_TRIPS
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import number_choices, trip_travellers
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import (
    call_notes,
    calls,
    cases,
    customer_phones,
    customers,
    households,
    trips,
)
from screenpop.store.schema.value_tables import customer_values
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164

Rows = list[dict[str, Any]]

_CARD = '{"stage": "due", "chance": "likely", "top": true}'
_TEXTS = (
    *("", "Tea", "کریمی‌زاده", "Παπαδοπούλου", "O'Brien", 'the "Blue" bus', "a\\b", "x],[1", "null"),
    *(
        "one\ntwo\tthree",
        "\x01\x1f\x7f",
        "\u2028\u200f",
        "𝄞👨‍👩‍👧",
        '{"a": [1, 2]}',
        "é\u0301",
        "𝕏" * 200,
    ),
)
_NINES = ("123456789", "912345678", "000000001")
_NUMBERS = tuple(E164(f"+{country}{nine}") for country in ("98", "30") for nine in _NINES)
_EVER = (date(1904, 2, 29), date(2026, 11, 29), date.min, date.max, date(1000, 1, 1))

PAYMENTS = '[100050,200000,1,[[7,"returned","cheque","2026-12-01",99950,"EUR"]]]'
"""A summary of payments, as ``customers.trip_payments`` writes it."""

CALLERS = (
    *(CallerId(n, CallerIdKind.NUMBER, "e164", n, last_nine=n[-9:]) for n in _NUMBERS),
    *(CallerId(nine, CallerIdKind.RAW, "invalid", last_nine=nine) for nine in _NINES),
    CallerId("+442079460000", CallerIdKind.NUMBER, "e164", E164("+442079460000")),
)
"""Every number of the office, as a number and by its last nine digits, and one that none has."""


class RandomOffice:
    """Rows by table, in an order in which they can be inserted."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._households: Rows = [
            {"id": number, "kind": kind, "name": f"{self._text()} {number}"}
            for number, kind in enumerate(("household", "household", "company"), 1)
        ]
        crowd = hot.MOST_MEMBERS + 2 if rng.random() < 0.2 else 0
        self._customers: Rows = [
            self._customer(number, crowd=number > 14)
            for number in range(1, 1 + rng.choice([1, 3, 14]) + crowd)
        ]
        self._users: Rows = [
            {
                "id": number,
                "username": f"u{number}",
                "display_name": self._text(),
                "password_hash": "",
                "role": "agent",
                "department": "sales",
                "language": "en",
                "created_at": 1.0,
            }
            for number in (1, 2)
        ]
        self._trips = self._of_customers(self._trip, MAX_TRIPS)
        self._cases = self._of_customers(self._case, hot.MAX_CASES)
        self._calls = self._of_customers(self._call, hot.MAX_CALLS)
        self._calls += [self._call(None) for _ in range(self._size(hot.MAX_CALLS))]
        for table in (self._trips, self._cases, self._calls):
            rng.shuffle(table)
            for number, row in enumerate(table, 1):
                row["id"] = number
        for number, row in enumerate(self._calls, 1):
            row |= {"linkedid": f"{number}.{number}", "arrived_at": 1.7e9 + rng.random() // 1e-3}
        # Two calls at the same moment have no order: no such office.
        for number, row in enumerate(self._calls):
            row["arrived_at"] = round(row["arrived_at"] + 1_000 * number, 3)
        rng.shuffle(self._calls)

    async def write(self, database: Database) -> None:
        async with database.writing() as connection:
            for table, rows in (
                (households, self._households),
                (users, self._users),
                (customers, self._customers),
                (customer_phones, self._phones()),
                (trips, self._trips),
                (trip_travellers, self._travellers()),
                (cases, self._cases),
                (calls, self._calls),
                (call_notes, self._notes()),
                (number_choices, self._choices()),
                (customer_rhythms, self._rhythms()),
                (customer_values, self._values()),
            ):
                if rows:
                    await connection.execute(table.insert(), rows)

    def _of_customers(self, make: Any, most: int) -> Rows:
        few = [row["id"] for row in self._customers[:4]]
        some = [make(customer) for customer in few for _ in range(self._size(most))]
        return some + [make(row["id"]) for row in self._customers[4:] if self._rng.random() < 0.2]

    def _size(self, most: int) -> int:
        return self._rng.choice([0, 1, 2, most - 1, most, most + 1])

    def _customer(self, number: int, *, crowd: bool) -> dict[str, Any]:
        rng = self._rng
        return {
            "id": number,
            "title": self._one(Title),
            "gender": self._one(Gender),
            "names": [
                {"language": language, "given": self._text(), "family": self._text()}
                | ({"called": self._text()} if rng.random() < 0.3 else {})
                for language in rng.sample(["fa", "en", "el"], rng.choice([1, 2, 3]))
            ],
            "language": rng.choice(["", "fa", "el"]),
            "birthday": self._day(),
            "anniversary": self._day(),
            "tier": self._one(Tier),
            "vip": rng.random() < 0.5,
            "balance": self._amount(),
            "currency": rng.choice(["", "IRR", "EUR"]),
            "marketing_consent": rng.choice([None, True, False]),
            "customer_since": self._day(),
            "preferences": self._text(),
            "notes": self._text(),
            "tags": [self._text() for _ in range(rng.choice([0, 0, 1, 2]))],
            "emails": [self._text() for _ in range(rng.choice([0, 1]))],
            "city": self._text(),
            "heard_from": self._text(),
            "owner_id": rng.choice([None, 1, 2]),
            "branch_id": rng.choice([None, 1, 2]),
            "consents": {
                channel: {"given": rng.random() < 0.5, "day": None, "source": "", "by": ""}
                for channel in rng.sample(CHANNELS, rng.choice([0, 1, 3]))
            },
            "wishes": {"season": self._text()} if rng.random() < 0.5 else {},
            "own": self._own(),
            "household_id": 1 if crowd else rng.choice([None, 1, 2]),
            "company_id": rng.choice([None, None, 3]),
            "created_at": 1.0,
            "changed_at": 1.0,
        }

    def _phones(self) -> Rows:
        rng = self._rng
        found: dict[tuple[int, str], dict[str, Any]] = {}
        most_of_all = rng.choice(_NUMBERS)
        for customer in self._customers[:14]:
            for number in [most_of_all, *rng.sample(_NUMBERS, rng.choice([0, 1, 2, 3]))]:
                found[customer["id"], number] = self._phone(customer["id"], number)
        rows = [*found.values()]
        rng.shuffle(rows)
        return rows

    def _phone(self, customer: int, number: E164) -> dict[str, Any]:
        return {
            "customer_id": customer,
            "raw": self._text(),
            "e164": self._rng.choice([number, number, None]),
            "last_nine": number[-9:],
            "label": self._rng.choice(["", "mobile"]),
            "since": self._day(),
            "verified_on": self._day(),
        }

    def _trip(self, customer: int) -> dict[str, Any]:
        rng = self._rng
        return {
            "customer_id": customer,
            "destination": self._text(),
            "country": rng.choice(["", "TR", "GR"]),
            "product": self._one(Product),
            "departs": self._day(),
            "returns": self._day(),
            "status": self._one(TripStatus),
            "adults": rng.randrange(9),
            "children": rng.randrange(9),
            "price": self._amount(),
            "paid": self._amount(),
            "currency": rng.choice(["", "IRR", "EUR"]),
            "visa": self._one(VisaState),
            "note": self._text(),
            "rating": rng.choice([None, 1, 5]),
            "payments": rng.choice([None, None, PAYMENTS]),
            "own": self._own(),
        }

    def _travellers(self) -> Rows:
        people = [row["id"] for row in self._customers[:4]]
        return [
            {"trip_id": trip["id"], "customer_id": self._rng.choice([*people, None])}
            for trip in self._trips
            for _ in range(self._rng.choice([0, 0, 1, 2]))
        ]

    def _case(self, customer: int) -> dict[str, Any]:
        return {
            "customer_id": customer,
            "kind": self._one(CaseKind),
            "state": self._one(CaseState),
            "subject": self._text(),
            "opened": self._day() or date(2026, 1, 1),
            "promised_by": self._text(),
            "promised_for": self._day(),
        }

    def _call(self, customer: int | None) -> dict[str, Any]:
        rng = self._rng
        return {
            "pbx": "office",
            "boot": "b",
            "direction": "inbound",
            "caller_kind": "number",
            "e164": rng.choice([*_NUMBERS, None]),
            "ended_at": 1.8e9,
            "disposition": rng.choice(["answered", "abandoned", "in_progress"]),
            "answered_by": [],
            "talk_s": rng.choice([None, 9.9, 10.0, 61.5]),
            "answered_at": rng.choice([None, 1.7e9 + rng.randrange(9_000)]),
            "customer_id": customer,
            "agent_id": rng.choice([None, 1, 2]),
            "kept_at": 1.8e9,
        }

    def _rhythms(self) -> Rows:
        return [
            {
                "customer_id": row["id"],
                "due": self._day() or date(2026, 3, 1),
                "lapsed_from": self._day() or date(2026, 4, 1),
            }
            for row in self._customers
            if self._rng.random() < 0.3
        ]

    def _values(self) -> Rows:
        return [
            {
                "customer_id": row["id"],
                "scored_on": date(2026, 3, 1),
                "stage": "active",
                "chance": self._rng.choice([None, 0, 34]),
                "chance_word": "",
                "percentile": self._rng.choice([None, 1, 100]),
                "card": self._rng.choice(["", '{"stage": "due", "chance": "likely", "top": true}']),
                "reasons": [],
            }
            for row in self._customers
            if self._rng.random() < 0.3
        ]

    def _own(self) -> dict[str, Any] | None:
        return self._rng.choice([None, {"1": self._text(), "2": 2.5, "7": True}])

    def _notes(self) -> Rows:
        written = [
            (call, user)
            for call in self._calls
            for user in self._rng.sample([1, 2], self._rng.choice([0, 1, 2]))
        ]
        self._rng.shuffle(written)
        return [
            {
                "pbx": "office",
                "boot": "b",
                "linkedid": call["linkedid"],
                "call_id": call["id"],
                "user_id": user,
                "text": self._text(),
                "changed_at": 1.7e9 + moment,
            }
            for moment, (call, user) in enumerate(written)
        ]

    def _choices(self) -> Rows:
        numbers = self._rng.sample(_NUMBERS, self._rng.choice([0, 3, 6]))
        people = [row["id"] for row in self._customers]
        return [
            {"e164": number, "customer_id": self._rng.choice(people), "user_id": 1, "at": 1.0}
            for number in numbers
        ]

    def _one(self, kind: Any) -> str:
        return str(self._rng.choice([*kind]).value)

    def _text(self) -> str:
        return self._rng.choice(_TEXTS)

    def _day(self) -> date | None:
        some = date(2026, 1, 1) + timedelta(self._rng.randrange(700))
        return self._rng.choice([None, some, some, some, self._rng.choice(_EVER)])

    def _amount(self) -> int:
        return self._rng.choice([0, 1, -1, 12_000_000_000, 2**63 - 1, -(2**63)])
