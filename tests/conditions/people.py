"""Random facts of customers, near the values that ``tests.conditions.trees`` compares with."""

from hypothesis import strategies as st

from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.fields import CONSENT_ANSWERS, WISHES
from screenpop.customers.consent import CHANNELS
from screenpop.customers.models import Gender, Product, Tier, Title, TripStatus, VisaState
from screenpop.customers.own_fields import OwnKind
from tests.conditions.trees import AMOUNTS, CURRENCIES, DAYS, PLACES, WORDS

_days = st.none() | st.sampled_from(DAYS)
_places = st.sampled_from(("", *PLACES))
_words = st.sampled_from(("", *WORDS))
_currencies = st.sampled_from(("", "USD", *CURRENCIES))
_birthdays = st.none() | st.dates().filter(lambda day: day.year > 1) | st.sampled_from(DAYS)

_own = st.dictionaries(
    st.sampled_from([str(number) for number, _ in enumerate(OwnKind, 1)]),
    st.sampled_from(
        ("", *WORDS, *PLACES, *map(str, DAYS), *(0, 1, 2, 30, 2.5, 31.0), True, False, "x" * 201)
    ),
    max_size=len(OwnKind),
)
"""Mostly values of another kind, as a changed field and an undo may leave them."""
_fitting = st.fixed_dictionaries(
    {},
    optional={
        "1": st.sampled_from(WORDS),
        "2": st.sampled_from((0, 1, 29.5, 30)),
        "3": st.sampled_from([str(day) for day in DAYS]),
        "4": st.integers(1, 3),
        "5": st.booleans(),
    },
)

trip_facts = st.builds(
    TripFacts,
    destination=_places,
    product=st.sampled_from([one.value for one in Product]),
    departs=_days,
    status=st.sampled_from([one.value for one in TripStatus]),
    adults=st.integers(0, 3),
    children=st.integers(0, 2),
    price=st.sampled_from(AMOUNTS),
    currency=_currencies,
    visa=st.sampled_from([one.value for one in VisaState]),
    rating=st.none() | st.integers(1, 5),
    own=_own | _fitting,
)

customer_facts = st.builds(
    CustomerFacts,
    tags=st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple),
    language=st.sampled_from(("", "en", "fa", "el", "de")),
    title=st.sampled_from([one.value for one in Title]),
    gender=st.sampled_from([one.value for one in Gender]),
    tier=st.sampled_from([one.value for one in Tier]),
    vip=st.booleans(),
    city=_places,
    company=_words,
    heard_from=_words,
    owner=st.none() | st.integers(1, 2),
    branch=st.none() | st.integers(1, 2),
    was_sent=st.booleans(),
    has_email=st.booleans(),
    customer_since=_days,
    birthday=_birthdays,
    anniversary=_birthdays,
    balance=st.sampled_from((*AMOUNTS, *(-amount for amount in AMOUNTS))),
    currency=_currencies,
    consents=st.dictionaries(st.sampled_from(CHANNELS), st.booleans(), max_size=len(CHANNELS)),
    wishes=st.dictionaries(st.sampled_from(WISHES), st.sampled_from((*PLACES, *WORDS)), max_size=3),
    open_cases=st.just(0),
    open_complaints=st.just(0),
    last_contact=_days,
    trips=st.lists(trip_facts, max_size=4).map(tuple),
    rhythm_due=st.just(None),
    lapsed_from=st.just(None),
    stage=st.just(""),
    own=_own | _fitting,
)

__all__ = ["CONSENT_ANSWERS", "customer_facts"]
