"""No user receives another's card, however phones, roles and calls change."""

import random

import orjson
import pytest

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.service.effects import Publish
from screenpop.service.staff import Staff, build_staff
from screenpop.telephony.identifiers import SIMULATED, CallId, Endpoint
from tests.service.event_script import OFFICE, Story
from tests.service.service_under_test import Office

DELIVERIES = 10_000
PHONES = ("101", "102", "103", "104")


def shuffled(chance: random.Random) -> tuple[Staff, dict[str, int]]:
    """Return staff with other phones and roles, and who has which phone."""
    roles, departments = list(Role), list(Department)
    users = [
        User(
            UserId(number),
            f"user{number}",
            f"User {number}",
            chance.choice(roles),
            chance.choice(departments),
            "en",
        )
        for number in range(1, 5)
    ]
    free = chance.sample(PHONES, len(PHONES))
    owners = {phone: chance.choice(users).id for phone in free}
    agents = [
        Agent(
            AgentId(user.id),
            user.username,
            user.display_name,
            user.department,
            user.language,
            tuple(Endpoint(phone) for phone, owner in owners.items() if owner == user.id),
        )
        for user in users
    ]
    roster = Roster.of({OFFICE: agents, SIMULATED: agents})
    return build_staff(users, roster), dict(owners)


@pytest.mark.slow
@pytest.mark.defends("socket-ownership")
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_cards_reach_only_those_whose_phone_rang(seed: int) -> None:
    chance, office = random.Random(seed), Office()
    calls: dict[str, tuple[Story, set[int]]] = {}
    delivered = number = 0
    owners: dict[str, int] = {}
    while delivered < DELIVERIES // 2:
        if number % 7 == 0:
            staff, owners = shuffled(chance)
            office.does(lambda one, now=staff: one.people_changed(now))  # type: ignore[misc]
        number += 1
        before = len(office.published)
        story = Story(call=CallId(f"{1_700_000_000 + number}.{number}"), at=office.now + 1)
        ringing = chance.sample(PHONES, chance.randint(1, 4))
        allowed = {owners[phone] for phone in ringing}
        calls[story.call] = (story, allowed)
        office.handles(story.arrives(), *(story.rings(phone) for phone in ringing))
        delivered += check(office.published[before:], calls)
        before = len(office.published)
        if chance.random() < 0.5:
            office.handles(story.answers(chance.choice(ringing)))
        office.handles(story.ends())
        delivered += check(office.published[before:], calls)
        office.published.clear()


def check(published: list[Publish], calls: dict[str, tuple[Story, set[int]]]) -> int:
    """Return how many cards were published, each to one user whose phone rang in its call."""
    cards = [one for one in published if one.kind == "card"]
    for one in cards:
        assert len(one.users) == 1
        card = orjson.loads(one.payload)
        _, allowed = calls[card["call"]]
        assert set(one.users) <= {UserId(user) for user in allowed}, card["id"]
    return len(cards)
