"""An agent names the caller, and the card has the name."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CallerRecord, CustomerFile, CustomerId, PersonName
from screenpop.service.identify_caller import IdentifyCallerError, identify_caller
from screenpop.service.ports import NumberLink
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import E164
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, LALEH, MARYAM, Office, laleh


@dataclass
class Files:
    """Writes into the office's records, as the store would."""

    office: Office
    people: Mapping[int, CustomerFile]
    linked: list[tuple[str, int, UserId]] = field(default_factory=list)

    before: dict[str, CallerRecord | None] = field(default_factory=dict)
    undone: list[NumberLink] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)

    async def is_seen_by(self, user_id: UserId, customer: CustomerId) -> bool:
        return customer not in self.unseen

    async def link(self, caller: CallerId, customer: CustomerId, by: UserId) -> NumberLink:
        before = self.office.records.get(caller.e164 or E164(""))
        if customer not in self.people:
            raise IdentifyCallerError("unknown_customer")
        self.linked.append((caller.e164 or caller.raw, customer, by))
        if caller.e164 is not None:
            there = self.office.records.get(caller.e164, CallerRecord(caller.e164)).exact
            files = {file.customer.id: file for file in (*there, self.people[customer])}
            self.office.records[caller.e164] = CallerRecord(caller.e164, tuple(files.values()))
        self.before[caller.e164 or ""] = before
        return NumberLink(customer, caller.raw, caller.e164, 1, False, None, ())

    async def undo_link(self, link: NumberLink, call: CallKey, by: UserId) -> None:
        if link.customer in self.used:
            raise IdentifyCallerError("customer_used")
        self.undone.append(link)
        before = self.before[link.e164 or ""]
        if before is None:
            del self.office.records[E164(link.number)]
        else:
            self.office.records[E164(link.number)] = before

    async def create(
        self, caller: CallerId, name: PersonName, language: str, by: UserId
    ) -> NumberLink:
        [known] = laleh().exact
        customer = replace(known.customer, id=CustomerId(99), names={language: name})
        self.people = {**self.people, 99: replace(known, customer=customer)}
        link = await self.link(caller, CustomerId(99), by)
        return replace(link, created_at=1.0)


def one(number: int, given: str) -> CustomerFile:
    [file] = laleh().exact
    names = {"en": PersonName(given, "Karimi")}
    return replace(file, customer=replace(file.customer, id=CustomerId(number), names=names))


def asks(office: Office, files: Files, user: UserId, op: str, **args: object) -> object:
    def put(work: object) -> None:
        office.does(lambda _: work(office.now))  # type: ignore[operator]

    return asyncio.run(identify_caller(office.screen_pop, files, put, user, op, args))


def unknown_caller() -> tuple[Office, Files]:
    office = Office()
    office.records = {}
    files = Files(office, {7: one(7, "Laleh"), 8: one(8, "Nima")})
    story = Story()
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    return office, files


def test_an_unknown_caller_is_linked_and_every_card_names_the_customer() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)
    assert card["match"] == "none"

    assert asks(office, files, MARYAM, "link", card=card["id"], customer=7) == {"customer": 7}

    for user in (MARYAM, ELENI):
        after = office.card(user)
        assert (after["match"], after["person"]["id"]) == ("certain", 7)  # type: ignore[index]
        assert after["rev"] > 1  # type: ignore[operator]
    assert files.linked == [(LALEH, 7, MARYAM)]


def test_a_caller_put_on_file_is_on_the_card_at_once() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]

    done = asks(office, files, MARYAM, "create", card=card, given="Eve", family="", language="el")

    assert done == {"customer": 99}
    assert office.card(MARYAM)["person"]["id"] == 99  # type: ignore[index]


def test_one_of_several_is_chosen_and_the_card_names_the_choosing_agent() -> None:
    office = Office()
    family = (one(7, "Laleh"), one(8, "Nima"))
    office.records = {LALEH: CallerRecord(LALEH, family)}
    files = Files(office, {7: family[0], 8: family[1]})
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)
    assert (card["match"], card["person"]) == ("shared", None)

    asks(office, files, MARYAM, "choose", card=card["id"], customer=8)

    after = office.card(MARYAM)
    assert (after["match"], after["person"]["id"]) == ("certain", 8)  # type: ignore[index]
    assert after["match_reason"] == {"code": "chosen", "params": {"name": "Maryam"}}


@pytest.mark.defends("visible-customers")
def test_mallory_links_no_file_of_another_branch_but_chooses_one_that_is_on_the_card() -> None:
    office, files = unknown_caller()
    files.unseen = {7}
    refused = asks(office, files, MARYAM, "link", card=office.card(MARYAM)["id"], customer=7)
    assert (refused, files.linked) == ({"error": "unknown_customer"}, [])

    office = Office()
    family = (one(7, "Laleh"), one(8, "Nima"))
    office.records = {LALEH: CallerRecord(LALEH, family)}
    files = Files(office, {7: family[0], 8: family[1]}, unseen={7})
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    done = asks(office, files, MARYAM, "choose", card=office.card(MARYAM)["id"], customer=7)
    assert done == {"customer": 7}


def test_the_customer_of_the_last_time_comes_first_and_is_still_asked() -> None:
    office = Office()
    family = (one(7, "Laleh"), one(8, "Nima"))
    office.records = {LALEH: CallerRecord(LALEH, family, chosen=CustomerId(8))}
    story = Story()
    office.handles(story.arrives(), story.rings("101"))

    card = office.card(MARYAM)

    assert card["match"] == "shared"
    assert [person["id"] for person in card["candidates"]] == [8, 7]  # type: ignore[attr-defined]
    assert card["match_reason"]["params"]["last"] == 8  # type: ignore[index]


def test_the_call_is_kept_as_theirs() -> None:
    office, files = unknown_caller()
    asks(office, files, MARYAM, "link", card=office.card(MARYAM)["id"], customer=7)
    story = Story(at=office.now)
    office.handles(story.answers("101"), story.hangs_up("101"), story.ends())

    assert [record.customer for record in office.kept][-1] == 7


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"customer": 404}, "unknown_customer"),
        ({"customer": "7"}, "bad_arguments"),
        ({"customer": True}, "bad_arguments"),
        ({"customer": 0}, "bad_arguments"),
        ({}, "bad_arguments"),
        ({"customer": 7, "card": "no such card"}, "unknown_card"),
        ({"customer": 7, "card": 5}, "bad_arguments"),
    ],
)
def test_what_makes_no_sense_changes_nothing(args: dict[str, object], code: str) -> None:
    office, files = unknown_caller()
    before = office.card(MARYAM)

    done = asks(office, files, MARYAM, "link", **{"card": before["id"], **args})

    assert done == {"error": code}
    assert office.card(MARYAM) == before
    assert files.linked == []


@pytest.mark.defends("socket-ownership")
def test_mallory_links_no_customer_on_another_agents_card() -> None:
    office, files = unknown_caller()
    hers = office.card(ELENI)["id"]

    assert asks(office, files, MARYAM, "link", card=hers, customer=7) == {"error": "unknown_card"}
    assert files.linked == []


def test_a_caller_hiding_the_number_cannot_be_linked() -> None:
    office = Office()
    story = Story()
    story.caller = replace(story.caller, number="anonymous", name="")
    office.handles(story.arrives(), story.rings("101"))
    files = Files(office, {7: one(7, "Laleh")})

    done = asks(office, files, MARYAM, "link", card=office.card(MARYAM)["id"], customer=7)

    assert done == {"error": "no_number"}


def test_a_link_is_undone_and_every_card_is_what_it_was_before() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]
    asks(office, files, MARYAM, "link", card=card, customer=7)
    assert [office.card(user)["linked_by"] for user in (MARYAM, ELENI)] == ["Maryam", "Maryam"]

    # Any agent with a card of the call may undo the link.
    theirs = office.card(ELENI)["id"]
    assert asks(office, files, ELENI, "unlink", card=theirs) == {"customer": 7}

    for user in (MARYAM, ELENI):
        after = office.card(user)
        assert (after["match"], after["person"], after["linked_by"]) == ("none", None, "")
    assert [link.customer for link in files.undone] == [7]
    refused = asks(office, files, MARYAM, "unlink", card=card)
    assert refused == {"error": "nothing_to_undo"}


def test_a_choice_among_several_is_undone_and_they_are_asked_for_again() -> None:
    office = Office()
    family = (one(7, "Laleh"), one(8, "Nima"))
    office.records = {LALEH: CallerRecord(LALEH, family)}
    files = Files(office, {7: family[0], 8: family[1]})
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)["id"]
    asks(office, files, MARYAM, "choose", card=card, customer=8)

    assert asks(office, files, MARYAM, "unlink", card=card) == {"customer": 8}

    after = office.card(MARYAM)
    assert (after["match"], after["person"]) == ("shared", None)
    assert [person["id"] for person in after["candidates"]] == [7, 8]  # type: ignore[attr-defined]


def test_undo_is_refused_where_nothing_was_linked_or_the_card_is_anothers() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]
    for args, error in (
        ({"card": card}, "nothing_to_undo"),
        ({"card": 7}, "bad_arguments"),
        ({"card": "nowhere/1/1"}, "unknown_card"),
    ):
        assert asks(office, files, MARYAM, "unlink", **args) == {"error": error}
    asks(office, files, MARYAM, "link", card=card, customer=7)
    assert asks(office, files, ELENI, "unlink", card=card) == {"error": "unknown_card"}
    assert files.undone == []


def test_a_created_customer_is_undone_and_every_card_has_an_unknown_caller_again() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]
    asks(office, files, MARYAM, "create", card=card, given="Eve", family="", language="el")
    created = office.card(ELENI)
    assert (created["linked_by"], created["created_here"]) == ("Maryam", True)

    assert asks(office, files, MARYAM, "unlink", card=card) == {"customer": 99}

    for user in (MARYAM, ELENI):
        after = office.card(user)
        assert (after["match"], after["person"], after["linked_by"]) == ("none", None, "")
        assert after["created_here"] is False
    assert asks(office, files, MARYAM, "unlink", card=card) == {"error": "nothing_to_undo"}


def test_a_created_customer_used_since_stays_on_the_card_and_can_be_tried_again() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]
    asks(office, files, MARYAM, "create", card=card, given="Eve", family="", language="el")
    files.used.add(99)

    assert asks(office, files, MARYAM, "unlink", card=card) == {"error": "customer_used"}

    after = office.card(MARYAM)
    assert (after["person"]["id"], after["created_here"]) == (99, True)  # type: ignore[index]
    files.used.clear()
    assert asks(office, files, MARYAM, "unlink", card=card) == {"customer": 99}


def test_a_linked_customer_is_not_one_created_on_the_call() -> None:
    office, files = unknown_caller()
    card = office.card(MARYAM)["id"]
    asks(office, files, MARYAM, "link", card=card, customer=7)
    assert office.card(MARYAM)["created_here"] is False
