"""Travellers of a list: which customer one is, and when two of them are one."""

import pytest

from screenpop.customers.draft import TravellerDraft
from screenpop.customers.travellers import (
    SEVERAL,
    UNKNOWN,
    PossibleTraveller,
    folded_name,
    identify_traveller,
    is_same_traveller,
    join_travellers,
    traveller_text,
)

HERS, HIS = "+989120000001", "+989120000002"


def possible(key: int, name: str, *numbers: str) -> PossibleTraveller:
    return PossibleTraveller(key, {folded_name(name)}, numbers, key)


PEOPLE = {
    one.key: one
    for one in (
        possible(1, "Dorsa Rostami", HERS),
        possible(2, "Shirin Rostami", HERS),
        possible(3, "Nima Karimi", HIS),
        possible(4, "Nima Karimi"),
        possible(5, "Cher"),
    )
}


@pytest.mark.parametrize(
    ("traveller", "found"),
    [
        (TravellerDraft("dorsa ROSTAMI"), 1),
        (TravellerDraft("Rostami, Dorsa"), 1),
        (TravellerDraft("Dorsa Rostami", (HERS,)), 1),
        (TravellerDraft("", (HIS,)), 3),
        (TravellerDraft("Nima Karimi", (HIS,)), 3),
        (TravellerDraft("", (), 4), 4),
        (TravellerDraft("Nima Karimi", (), 4), 4),
        # A shared number alone, a name of two, a single word: no customer is chosen.
        (TravellerDraft("", (HERS,)), SEVERAL),
        (TravellerDraft("Nima Karimi"), SEVERAL),
        (TravellerDraft("Cher"), UNKNOWN),
        (TravellerDraft("Cher", (), 5), 5),
        # What is written contradicts itself.
        (TravellerDraft("Dorsa Rostami", (HIS,)), UNKNOWN),
        (TravellerDraft("Dorsa Rostami", (), 3), UNKNOWN),
        (TravellerDraft("Mallory Rostami", (HERS,)), UNKNOWN),
        (TravellerDraft("Somebody Else"), UNKNOWN),
        (TravellerDraft("", (), 99), UNKNOWN),
        (TravellerDraft(), UNKNOWN),
    ],
)
def test_a_traveller_is_a_customer_only_if_all_that_is_written_is_true_of_one(
    traveller: TravellerDraft, found: object
) -> None:
    identified = identify_traveller(traveller, PEOPLE)
    assert (identified.key if isinstance(identified, PossibleTraveller) else identified) == found


def test_what_is_kept_of_an_unknown_traveller_has_everything_that_was_written() -> None:
    assert traveller_text(TravellerDraft("Ali", (HIS,), 7)) == f"Ali ({HIS}) #7"
    assert traveller_text(TravellerDraft("", (HIS,))) == HIS
    assert traveller_text(TravellerDraft("Ali")) == "Ali"


def test_the_same_traveller_written_twice_is_on_the_trip_once() -> None:
    stored = TravellerDraft("درسا رستمی", (HERS,), 1, also=("Dorsa Rostami",))
    kept = (stored, TravellerDraft(f"Ali ({HIS})"))
    again = [
        TravellerDraft("Dorsa Rostami"),
        TravellerDraft("", (HERS,)),
        TravellerDraft("", (), 1),
        TravellerDraft("Ali", (HIS,)),
    ]
    assert join_travellers(kept, again) is kept
    other = TravellerDraft("Dorsa Rostami", (HIS,))
    assert join_travellers(kept, [other]) == (*kept, other)


def test_two_customer_numbers_are_two_travellers_whatever_their_names_are() -> None:
    one, other = TravellerDraft("Nima Karimi", (), 3), TravellerDraft("Nima Karimi", (), 4)
    assert not is_same_traveller(one, other)
