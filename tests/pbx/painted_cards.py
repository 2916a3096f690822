"""What the agent pages must display in particular, for each scenario of the lab that needs it.

What holds for every scenario is in ``played``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from tests.pbx.played import Played

Check = Callable[[Played], None]

CHECKS: dict[str, list[Check]] = defaultdict(list)
CUSTOMER = "Karimi"
OTHER_CUSTOMER = "Hosseini"


def in_scenarios(*names: str) -> Callable[[Check], Check]:
    """Enter a check for these scenarios."""

    def enter(check: Check) -> Check:
        for name in names:
            CHECKS[name].append(check)
        return check

    return enter


def states(played: Played, phone: str) -> list[str]:
    """The versions of the customer's card, in order."""
    found: list[str] = []
    for card in played.cards(phone):
        if CUSTOMER in card.name and card.card in played.ids() and found[-1:] != [card.state]:
            found.append(card.state)
    return found


# -- changing hands ----------------------------------------------------------------------------


@in_scenarios(
    "blind_transfer_refer",
    "queue_blind_transfer_refer",
    "blind_transfer_feature_code",
    "blind_transfer_ami",
    "redirect_ami",
    "attended_transfer_ami",
    "attended_transfer_feature_code",
    "attended_transfer_while_ringing",
    "attended_transfer_refer",
    "attended_transfer_refer_other_leg",
    "queue_attended_transfer_refer",
)
def the_receiver_sees_before_pickup_caller_and_transferring_agent(played: Played) -> None:
    card = played.before_pickup("102")
    assert CUSTOMER in card.name
    assert "Maryam" in card.transfer
    [first] = [did for did in ("9100 1101", "9100 1702") if did in card.all]
    assert ("702" in card.transfer + card.all) == (first == "9100 1702")


@in_scenarios(
    "blind_transfer_refer",
    "queue_blind_transfer_refer",
    "blind_transfer_feature_code",
    "blind_transfer_ami",
    "redirect_ami",
    "attended_transfer_ami",
    "attended_transfer_feature_code",
    "attended_transfer_while_ringing",
    "attended_transfer_refer",
    "attended_transfer_refer_other_leg",
    "queue_attended_transfer_refer",
    "parked_and_taken",
)
def the_call_goes_over_with_its_caller_and_leaves_a_card_for_notes(played: Played) -> None:
    talking = [card for card in played.cards("102", "talking") if card.card in played.ids()]
    assert talking
    assert CUSTOMER in talking[-1].name
    assert "Maryam" in talking[-1].transfer
    kept = played.cards("101")[-1]
    assert (kept.state, CUSTOMER in kept.name, "Eleni" in kept.reason) == ("wrap_up", True, True)


@in_scenarios("blind_transfer_to_queue")
def a_transfer_into_a_queue_reaches_its_member_with_the_transferring_agent(played: Played) -> None:
    card = played.before_pickup("101")
    assert CUSTOMER in card.name
    assert "Eleni" in card.transfer
    assert "9100 1102" in card.all


@in_scenarios("transferred_twice")
def the_third_agent_sees_the_second(played: Played) -> None:
    card = played.before_pickup("103")
    assert CUSTOMER in card.name
    assert "Eleni" in card.transfer


@in_scenarios("blind_transfer_not_answered")
def a_transferred_call_without_an_answer_is_missed(played: Played) -> None:
    assert played.cards("102", "ringing")
    assert not played.cards("102", "elsewhere", "talking")
    played.office.at("102").lists_missed(CUSTOMER)


@in_scenarios("freepbx_outbound_then_transfer")
def a_called_customer_is_transferred_as_well(played: Played) -> None:
    card = played.before_pickup("102")
    assert CUSTOMER in card.name
    assert "Maryam" in card.transfer


@in_scenarios("forward_302_to_agent")
def a_phone_that_sends_the_caller_on_shows_nothing_more(played: Played) -> None:
    assert CUSTOMER in played.before_pickup("102").name
    assert set(states(played, "101")) <= {"ringing"}
    assert CUSTOMER not in played.office.at("101").missed()


@in_scenarios("pickup_group", "pickup_directed", "queue_pickup_group")
def the_agent_picking_up_has_the_card_and_is_named_to_the_other(played: Played) -> None:
    assert states(played, "102")[0] == "talking"
    assert states(played, "101") == ["ringing", "elsewhere"]
    assert "Eleni" in played.cards("101", "elsewhere")[-1].reason


@in_scenarios("parked_comes_back")
def a_parked_call_that_comes_back_brings_its_card_back(played: Played) -> None:
    around = ["ringing", "talking", "wrap_up"]
    assert states(played, "101") == [*around, *around]


# -- at the desk -------------------------------------------------------------------------------


@in_scenarios("hold_and_back", "hold_in_queue_call")
def hold_is_seen_and_so_is_its_end(played: Played) -> None:
    assert states(played, "101") == ["ringing", "talking", "held", "talking", "wrap_up"]


@in_scenarios("freepbx_voicemail", "direct_no_answer", "freepbx_direct_no_answer")
def a_call_without_an_answer_is_missed(played: Played) -> None:
    phone = next(leg.endpoint for leg in played.legs if leg.dialled)
    assert states(played, phone) == ["ringing"]
    played.office.at(phone).lists_missed(CUSTOMER)


@in_scenarios("queue_timeout_then_elsewhere", "timeout_then_next", "queue_retries_then_answered")
def the_agent_that_let_it_ring_sees_the_answering_agent(played: Played) -> None:
    winner = played.office.at(str(played.entry()["answered_by"][0]))
    assert winner.name in played.cards("101", "elsewhere")[-1].reason


@in_scenarios("freepbx_queue_rings_again")
def a_queue_that_rings_again_and_again_makes_one_missed_call(played: Played) -> None:
    assert len({card.card for card in played.cards("101", "ringing")}) == 1
    played.office.at("101").lists_missed(CUSTOMER)


@in_scenarios("freepbx_two_devices")
def two_devices_of_one_agent_make_one_card(played: Played) -> None:
    assert states(played, "101") == ["ringing", "talking", "wrap_up"]
    assert len({card.card for card in played.cards("101", "ringing", "talking")}) == 1


@in_scenarios("call_waiting")
def a_second_caller_is_beside_the_first(played: Played) -> None:
    beside = [card for card in played.cards("101", "ringing") if OTHER_CUSTOMER in card.name]
    assert beside
    assert not beside[0].whole, "the call in hand keeps its place"


# -- calls of our own --------------------------------------------------------------------------


@in_scenarios("freepbx_outbound_answered")
def the_dialling_agent_sees_the_customer(played: Played) -> None:
    assert states(played, "101") == ["dialling", "talking", "wrap_up"]
    assert played.cards("101")[0].match == "certain"


@in_scenarios("originate_answered", "originate_local_answered")
def a_click_to_call_dials_and_is_no_caller_ringing(played: Played) -> None:
    assert states(played, "101") == ["dialling", "talking", "wrap_up"]


@in_scenarios("originate_agent_does_not_answer", "originate_customer_does_not_answer")
def a_click_to_call_without_an_answer_is_no_missed_call(played: Played) -> None:
    assert states(played, "101") == ["dialling"]


@in_scenarios("internal_answered", "internal_not_answered", "internal_to_queue")
def a_colleague_calls_without_any_customers_card(played: Played) -> None:
    rung = next(leg.endpoint for leg in played.legs if leg.dialled)
    ringing = played.cards(rung, "ringing")
    assert {card.match for card in ringing} == {"colleague"}
    assert not any(CUSTOMER in card.all for card in ringing)


# -- the caller ---------------------------------------------------------------------------------


@in_scenarios("withheld", "withheld_with_channelvars", "freepbx_withheld_with_channelvars")
def a_withheld_number_stays_withheld(played: Played) -> None:
    cards = [card for card in played.cards("101") if card.card in played.ids()]
    assert {card.match for card in cards} == {"withheld"}
    reported = " ".join(card.all for card in cards).replace(" ", "")
    assert "9123456789" not in reported
    assert CUSTOMER not in reported


@in_scenarios("persian_name", "name_prefix", "freepbx_queue_prefix")
def a_name_from_the_network_does_not_hide_the_customer(played: Played) -> None:
    phone = str(played.entry()["answered_by"][0])
    assert CUSTOMER in played.before_pickup(phone).name
