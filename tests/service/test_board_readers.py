"""Calls and agents reach only those supervisors and wall screens who may see them."""

from dataclasses import replace

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.effects import Publish
from screenpop.service.staff import Staff, WallScreen, build_staff
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, SARA, Office, people

SCREEN, PLAIN_SCREEN = UserId(-1), UserId(-2)


def staff() -> Staff:
    now = people()
    screens = (
        WallScreen(SCREEN, True, frozenset({ELENI})),
        WallScreen(PLAIN_SCREEN, False, None),
    )
    made = build_staff((), now.roster, {SARA: frozenset({MARYAM})}, screens)
    return replace(made, watchers=(SARA, *made.watchers), everyone=(*now.everyone, SCREEN))


class Boards:
    """What each reader of the board has on it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.calls: dict[UserId, dict[str, dict[str, object]]] = {}
        self.agents: dict[UserId, dict[str, dict[str, object]]] = {}
        self._seen = 0

    def look(self) -> "Boards":
        for one in self.office.published[self._seen :]:
            if one.kind in {"call", "agent"}:
                self._apply(one)
        self._seen = len(self.office.published)
        return self

    def _apply(self, one: Publish) -> None:
        kept = self.calls if one.kind == "call" else self.agents
        for user in one.users:
            if one.gone:
                kept.setdefault(user, {}).pop(one.key, None)
            else:
                kept.setdefault(user, {})[one.key] = orjson.loads(one.payload)

    def has_call(self, user: UserId) -> bool:
        return bool(self.calls.get(user))


@pytest.fixture
def office() -> Office:
    made = Office(availability=AvailabilityConfig())
    made.does(lambda one: one.people_changed(staff()))
    return made


def test_a_call_of_no_agent_is_on_every_board_and_leaves_those_of_other_teams(
    office: Office, story: Story
) -> None:
    boards = Boards(office)
    office.handles(story.arrives(), story.queues())
    boards.look()
    assert all(map(boards.has_call, (SARA, SCREEN, PLAIN_SCREEN)))
    published = office.handles(story.rings("102", queue="support"))
    boards.look()
    assert not boards.has_call(SARA)
    assert all(map(boards.has_call, (SCREEN, PLAIN_SCREEN)))
    (withdrawn,) = [one for one in published if one.gone]
    assert set(orjson.loads(withdrawn.payload)) == {"id", "state"}
    office.handles(story.rings("101", queue="support"))
    assert boards.look().has_call(SARA)
    after = office.handles(story.answers("102"), story.ends())
    assert SARA in {user for one in after if one.kind == "call" for user in one.users}


def test_a_screen_without_names_gets_no_name_and_no_number(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.queues(), story.rings("102", queue="support"))
    office.handles(story.answers("102"), story.ends())
    sent = b"".join(
        one.payload
        for one in office.published
        if PLAIN_SCREEN in one.users and one.kind in {"call", "agent"}
    )
    for secret in ("Laleh", "Karimi", "912345", "Eleni", "eleni", "LALEH"):
        assert secret.encode() not in sent, secret
    named = b"".join(one.payload for one in office.published if SCREEN in one.users)
    assert b"Karimi" in named
    assert b'"tier":"gold"' in sent


def test_agents_are_on_the_boards_of_their_teams_and_move_with_them(office: Office) -> None:
    boards = Boards(office)
    office.does(lambda one: one.tick(1.0))
    boards.look()
    assert set(boards.agents[SARA]) == {str(MARYAM)}
    assert set(boards.agents[SCREEN]) == {str(ELENI)}
    assert set(boards.agents[PLAIN_SCREEN]) == {str(one) for one in (MARYAM, ELENI, NIKOS)}
    moved = replace(staff(), teams={SARA: frozenset({NIKOS})})
    office.does(lambda one: one.people_changed(moved))
    boards.look()
    assert set(boards.agents[SARA]) == {str(NIKOS)}
    assert set(boards.agents[SCREEN]) == {str(one) for one in (MARYAM, ELENI, NIKOS)}
    assert set(boards.agents[MARYAM]) == {str(MARYAM)}


def test_live_calls_follow_when_a_team_gets_other_agents(office: Office, story: Story) -> None:
    boards = Boards(office)
    office.handles(story.arrives(), story.rings("102"))
    assert not boards.look().has_call(SARA)
    moved = replace(staff(), teams={SARA: frozenset({ELENI})})
    office.does(lambda one: one.people_changed(moved))
    assert boards.look().has_call(SARA)
    office.does(lambda one: one.people_changed(staff()))
    assert not boards.look().has_call(SARA)
    office.does(lambda one: one.people_changed(replace(staff(), watchers=(SCREEN,))))
    assert not boards.look().has_call(PLAIN_SCREEN)


def test_a_row_names_the_agents_on_the_call_and_since_when_they_are_so(
    office: Office, story: Story
) -> None:
    def on_call() -> list[tuple[object, object, object]]:
        (call,) = Boards(office).look().calls[PLAIN_SCREEN].values()
        agents: list[dict[str, object]] = call["agents"]  # type: ignore[assignment]
        return [(one["id"], one["state"], one["since"]) for one in agents]

    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    rang_at = office.now
    assert on_call() == [(MARYAM, "ringing", rang_at), (ELENI, "ringing", rang_at)]
    office.handles(story.answers("102"))
    talks_since = office.now
    assert (ELENI, "talking", talks_since) in on_call()
    office.handles(story.holds("102"))
    held_since = office.now
    assert (ELENI, "held", held_since) in on_call()
    office.handles(story.resumes("102"))
    assert (ELENI, "talking", office.now) in on_call()
