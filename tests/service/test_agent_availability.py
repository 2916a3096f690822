"""Agents' availability from calls, open pages and queues, as published, kept and sent to a PBX."""

import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import OFFLINE_AFTER_S, Availability, Pause, PauseReason
from screenpop.asterisk.queue_member_events import (
    MemberRow,
    QueueMemberAdded,
    QueueMemberEvent,
    QueueMemberPause,
    QueueMemberRemoved,
)
from screenpop.calls.events import EndReason, StopReason
from screenpop.service.agent_availability import AgentAvailability
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.availability_ports import AvailabilitySpan, PbxRights, QueuePause
from screenpop.service.effects import KeepAvailability, UpdateQueue
from screenpop.telephony.identifiers import BootId, CallId
from tests.asterisk.recordings import SCENARIOS, in_our_words
from tests.service.event_script import FIRST_BOOT, OFFICE, Story
from tests.service.recorded import AGENT_AT, hear
from tests.service.service_under_test import ELENI, MARYAM, SARA, Office, people

LUNCH = Pause(PauseReason.LUNCH)
IN_SUPPORT = MemberRow("support", "PJSIP/101", "PJSIP/101", False, "")
IN_SALES = MemberRow("sales", "Local/101@from-queue/n", "hint:101@ext-local", False, "")


class Agents:
    """An office whose agents' availability is kept."""

    def __init__(self, **config: object) -> None:
        self.pages = {MARYAM: 1, ELENI: 1}
        self.office = Office(
            availability=AvailabilityConfig(
                pages=lambda user: self.pages.get(user, 0),
                queue_wrap_up_s={"support": 90.0},
                **config,  # type: ignore[arg-type]
            )
        )
        self.office.waits(1000.0)

    @property
    def all(self) -> AgentAvailability:
        assert self.office.screen_pop.availability is not None
        return self.office.screen_pop.availability

    def lists(self, *rows: MemberRow, boot: BootId = FIRST_BOOT) -> None:
        now = self.office.now
        self.office.does(lambda _: self.all.members_listed(OFFICE, boot, rows, now))

    def handles(self, event: QueueMemberEvent) -> None:
        self.office.does(lambda _: self.all.member_changed(OFFICE, event, self.office.now))

    def is_allowed(self, *, pauses: bool) -> None:
        self.office.does(lambda _: self.all.rights_known(OFFICE, PbxRights(can_pause=pauses)))

    def pauses(self, user: UserId, pause: Pause = LUNCH) -> None:
        self.office.does(lambda _: self.all.pause(AgentId(user), pause, self.office.now))

    def view(self, user: UserId = MARYAM, reader: UserId | None = None) -> dict[str, object]:
        return self.office.screens[reader or user][str(user)]

    def state(self, user: UserId = MARYAM) -> object:
        return self.view(user)["state"]

    def sent(self) -> list[tuple[str, bool, str]]:
        """What was sent to the queues, in order."""
        requests = [one.request for one in self.office.effects if isinstance(one, UpdateQueue)]
        return [(one.interface, one.is_paused, one.reason) for one in requests]

    def spans(self, user: UserId = MARYAM) -> list[AvailabilitySpan]:
        kept = [one.span for one in self.office.effects if isinstance(one, KeepAvailability)]
        return [span for span in kept if span.agent == user]


def paused(row: MemberRow, reason: str = "lunch") -> QueueMemberPause:
    return QueueMemberPause(None, row._replace(is_paused=True, reason=reason))


def talks(agents: Agents, queue: str = "") -> Story:
    story = Story(at=agents.office.now)
    agents.office.handles(story.arrives())
    if queue:
        agents.office.handles(story.queues(queue))
    agents.office.handles(story.rings("101", queue=queue))
    assert agents.state() == "available", "a phone that rings is no conversation"
    agents.office.handles(story.answers("101"))
    assert agents.state() == "on_call"
    return story


def test_agents_see_their_own_state_and_a_supervisor_sees_all() -> None:
    agents = Agents()
    assert (agents.view()["state"], agents.view()["name"]) == ("available", "Maryam")
    assert agents.view(ELENI, SARA)["state"] == "available"
    assert str(ELENI) not in agents.office.screens[MARYAM]


@pytest.mark.parametrize(("queue", "seconds"), [("", 30.0), ("sales", 30.0), ("support", 90.0)])
def test_wrap_up_lasts_as_long_as_set_for_its_queue(queue: str, seconds: float) -> None:
    agents = Agents()
    story = talks(agents, queue)
    agents.office.handles(story.hangs_up("101"), story.ends())
    view = agents.view()
    assert (view["state"], view["until"]) == ("wrap_up", agents.office.now + seconds)
    assert agents.office.screen_pop.due() == view["until"]
    agents.office.waits(seconds - 0.1)
    assert agents.state() == "wrap_up"
    agents.office.waits(0.1)
    assert agents.state() == "available"


def test_second_call_keeps_the_agent_on_a_call_until_both_have_ended() -> None:
    agents = Agents()
    story = talks(agents)
    other = Story(call=CallId("2.0"), at=agents.office.now)
    agents.office.handles(other.arrives(), other.rings("99101"), other.answers("99101"))
    agents.office.handles(story.ends())
    assert agents.state() == "on_call"
    agents.office.handles(other.ends())
    assert agents.state() == "wrap_up"


def test_call_that_no_one_answered_or_that_a_colleague_made_has_no_wrap_up() -> None:
    agents = Agents()
    story = Story(at=agents.office.now)
    agents.office.handles(story.dials_out("101", "09121112233"))
    assert agents.state() == "on_call"
    agents.office.handles(story.ends())
    assert agents.state() == "available"
    internal = Story(call=CallId("3.0"), at=agents.office.now)
    agents.office.handles(internal.calls_colleague("102", "101"), internal.rings("101"))
    assert (agents.state(), agents.state(ELENI)) == ("available", "on_call")
    agents.office.handles(internal.answers("101"))
    assert agents.state() == "on_call"
    agents.office.handles(internal.ends())
    assert (agents.state(), agents.state(ELENI)) == ("available", "available")


def test_missed_call_changes_nothing() -> None:
    agents = Agents()
    story = Story(at=agents.office.now)
    before = len(agents.spans())
    agents.office.handles(story.arrives(), story.rings("101"))
    agents.office.handles(story.stops("101", StopReason.NO_ANSWER), story.ends())
    assert (agents.state(), len(agents.spans())) == ("available", before)


def test_call_that_became_part_of_another_has_no_wrap_up_of_its_own() -> None:
    agents = Agents()
    story = talks(agents)
    merged = replace(story.ends(None, EndReason.MERGED), into=CallId("9.9"))
    agents.office.handles(merged)
    assert agents.state() == "available"


def test_agent_without_an_open_page_is_offline_after_the_limit() -> None:
    agents = Agents()
    agents.pages[MARYAM] = 0
    agents.office.waits(0.5)
    agents.office.waits(OFFLINE_AFTER_S - 0.1)
    assert agents.state() == "available"
    agents.office.waits(0.1)
    assert agents.state() == "offline"
    agents.pages[MARYAM] = 2
    agents.office.waits(1.0)
    assert agents.state() == "available"


def test_spans_of_the_history_follow_each_other() -> None:
    agents = Agents()
    story = talks(agents)
    agents.office.handles(story.ends())
    agents.office.waits(1.0)
    agents.pauses(MARYAM)
    spans = agents.spans()
    assert [span.state for span in spans][-4:] == ["available", "on_call", "wrap_up", "paused"]
    assert [span.begun_at for span in spans] == sorted({span.begun_at for span in spans})
    assert spans[-1].reason == "lunch"


def test_pause_in_every_queue_made_on_the_pbx_pauses_the_agent_with_its_reason() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT, IN_SALES)
    agents.handles(paused(IN_SUPPORT))
    assert (agents.state(), agents.view()["paused_in"]) == ("available", ["support"])
    agents.handles(paused(IN_SALES))
    view = agents.view()
    assert (view["state"], view["reason"], view["paused_in"]) == ("paused", "lunch", [])
    agents.handles(paused(IN_SALES, "Dentist"))
    agents.handles(paused(IN_SUPPORT, "Dentist"))
    assert (agents.view()["reason"], agents.view()["reason_text"]) == ("other", "Dentist")
    agents.handles(QueueMemberPause(None, IN_SALES))
    assert agents.state() == "available"


def test_without_the_right_a_pause_is_our_own_and_the_agent_sees_it() -> None:
    agents = Agents()
    assert agents.view()["queues"] == "none"
    agents.lists(IN_SUPPORT)
    agents.is_allowed(pauses=False)
    agents.pauses(MARYAM)
    assert (agents.state(), agents.view()["queues"]) == ("paused", "own")
    assert agents.sent() == []
    agents.lists(IN_SUPPORT)
    assert agents.state() == "paused", "an audit of queues that do not know of it is no end of it"


def test_wrap_up_is_sent_to_the_queues_and_taken_back_at_its_end() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT)
    agents.is_allowed(pauses=True)
    story = talks(agents)
    agents.office.handles(story.ends())
    assert agents.sent() == [("PJSIP/101", True, "wrap-up")]
    agents.handles(paused(IN_SUPPORT, "wrap-up"))
    assert (agents.state(), agents.view()["paused_in"]) == ("wrap_up", [])
    agents.office.waits(30.0)
    assert agents.sent()[1:] == [("PJSIP/101", False, "")]
    agents.handles(QueueMemberPause(None, IN_SUPPORT))
    assert agents.state() == "available"


def test_wrap_up_left_in_a_queue_by_an_earlier_run_is_taken_back() -> None:
    agents = Agents()
    agents.is_allowed(pauses=True)
    agents.lists(paused(IN_SUPPORT, "wrap-up").member)
    assert (agents.state(), agents.sent()) == ("available", [("PJSIP/101", False, "")])


def test_queue_that_an_agent_joins_while_paused_is_informed() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT)
    agents.is_allowed(pauses=True)
    agents.pauses(MARYAM)
    agents.handles(paused(IN_SUPPORT))
    agents.handles(QueueMemberAdded(None, IN_SALES))
    assert agents.state() == "paused"
    assert agents.sent() == [("Local/101@from-queue/n", True, "lunch")]


def test_leaving_the_only_queue_without_a_pause_leaves_a_paused_agent() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT, IN_SALES)
    agents.handles(paused(IN_SUPPORT))
    agents.handles(QueueMemberRemoved(None, IN_SALES))
    assert agents.state() == "paused"


@pytest.mark.parametrize("boot", [FIRST_BOOT, BootId("boot 2")])
def test_after_a_restart_the_agents_own_pause_wins_over_queues_that_forgot_it(
    boot: BootId,
) -> None:
    before = Availability(since=900.0, is_online=True, pause=LUNCH)
    agents = Agents(restored={AgentId(MARYAM): before})
    assert (agents.view()["state"], agents.view()["since"]) == ("paused", 900.0)
    if boot != FIRST_BOOT:
        agents.lists(paused(IN_SUPPORT).member)
    agents.is_allowed(pauses=True)
    agents.lists(IN_SUPPORT, boot=boot)
    assert agents.sent() == [("PJSIP/101", True, "lunch")]
    assert agents.state() == "paused"


def test_pause_ended_on_the_pbx_while_the_link_was_down_is_seen() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT)
    agents.is_allowed(pauses=True)
    agents.pauses(MARYAM)
    agents.handles(paused(IN_SUPPORT))
    agents.lists(IN_SUPPORT)
    agents.is_allowed(pauses=True)
    assert (agents.state(), agents.sent()) == ("available", [])


def test_requests_are_built_from_what_the_queues_listed() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT, IN_SALES)
    agents.is_allowed(pauses=True)
    assert agents.all.queue_pauses(AgentId(MARYAM), "lunch") == (
        QueuePause(OFFICE, "support", "PJSIP/101", is_paused=True, reason="lunch"),
        QueuePause(OFFICE, "sales", "Local/101@from-queue/n", is_paused=True, reason="lunch"),
    )
    assert agents.all.queue_pauses(AgentId(ELENI), "lunch") == ()


def test_after_a_change_of_users_only_agents_that_differ_are_published() -> None:
    agents = Agents()
    agents.lists(IN_SUPPORT)
    agents.office.does(lambda screen_pop: screen_pop.people_changed(people()))
    del agents.office.published[:]
    agents.office.does(lambda screen_pop: screen_pop.people_changed(people()))
    assert [one for one in agents.office.published if one.kind == "agent"] == []
    moved = people(phones={MARYAM: ("102",), ELENI: ("101",)})
    agents.office.does(lambda screen_pop: screen_pop.people_changed(moved))
    assert (agents.view(ELENI)["member_of"], agents.view(MARYAM)["member_of"]) == (["support"], [])


def test_deleted_agent_leaves_every_screen() -> None:
    agents = Agents()
    remaining = people(phones={ELENI: ("102",)})
    agents.office.does(lambda screen_pop: screen_pop.people_changed(remaining))
    assert str(MARYAM) not in agents.office.screens[SARA]
    assert str(ELENI) in agents.office.screens[SARA]


@pytest.mark.parametrize("version", ["16", "22"])
def test_in_every_recording_exactly_the_talking_and_dialling_agents_are_on_a_call(
    version: str,
) -> None:
    wrong = {}
    for path in sorted((SCENARIOS / "lab" / version).glob("*.ami")):
        heard = hear(path, Office(availability=AvailabilityConfig()))
        seen = [orjson.loads(one.payload) for one in heard.office.published if one.kind == "agent"]
        on_call = {one["id"] for one in seen if one["state"] == "on_call"}
        at_the_end = {one["id"]: one["state"] for one in seen}
        if path.stem in RINGS_NO_AGENT:
            continue
        if on_call != talkers(path) or "on_call" in at_the_end.values():
            wrong[path.stem] = (on_call, talkers(path), at_the_end)
    assert wrong == {}


RINGS_NO_AGENT = {"conference", "redirected_into_a_conference", "listened_in_by_click"}
"""An agent dials into a conference: no phone rings, so there is no call event to follow. A panel
rings 103 before it is known that 103 only listens."""


def talkers(path: Path) -> set[UserId]:
    """Agents of a call (answered, taken or made), by the events."""
    calls = in_our_words(path.stem, json.loads(path.with_suffix(".json").read_text())["calls"])
    phones: set[str] = set()
    for call in calls:
        phones |= {leg["endpoint"] for leg in call["legs"] if leg["outcome"] == "answered"}
        phones |= {*call["answered_by"], call["caller"]}
    return {AGENT_AT[phone] for phone in phones if phone in AGENT_AT}
