"""The agent of each phone."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import MAX_REPORTED, PhoneConflict, Roster
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId

OFFICE, BRANCH = PbxId("office"), PbxId("branch")
P101, P102, P105, P199 = Endpoint("101"), Endpoint("102"), Endpoint("105"), Endpoint("199")


def agent(number: int, name: str, *phones: Endpoint) -> Agent:
    return Agent(AgentId(number), name.lower(), name, "sales", "en", phones)


MARYAM = agent(1, "Maryam", P101, Endpoint("99101"))
ELENI = agent(2, "Eleni", P102)
NIKOS = agent(3, "Nikos")
ROSTER = Roster.of({OFFICE: (MARYAM, ELENI, NIKOS), SIMULATED: (MARYAM,)})


def test_several_devices_ring_for_one_agent() -> None:
    assert ROSTER.agent_at(OFFICE, P101) is MARYAM
    assert ROSTER.agent_at(OFFICE, Endpoint("99101")) is MARYAM
    assert ROSTER.phones_of(OFFICE, MARYAM.id) == {P101, Endpoint("99101")}


def test_a_phone_belongs_to_its_own_pbx() -> None:
    assert ROSTER.agent_at(SIMULATED, P101) is MARYAM
    assert ROSTER.agent_at(BRANCH, P101) is None
    assert ROSTER.agent_at(SIMULATED, P102) is None


def test_a_phone_without_an_agent_goes_by_its_own_name() -> None:
    assert ROSTER.name_at(OFFICE, P101) == "Maryam"
    assert ROSTER.name_at(OFFICE, P199) == "199"


def test_an_agent_logged_in_at_a_phone_has_it() -> None:
    seated = ROSTER.with_logins([((OFFICE, P101), ELENI.id)])
    assert seated.agent_at(OFFICE, P101) is ELENI
    assert seated.agent_at(OFFICE, P102) is ELENI
    assert seated.agent_at(SIMULATED, P101) is MARYAM
    assert seated.phones_of(OFFICE, MARYAM.id) == {Endpoint("99101")}
    assert ROSTER.agent_at(OFFICE, P101) is MARYAM, "a roster is a value"


def test_an_agent_is_logged_in_at_one_hot_desk_at_a_time() -> None:
    moved = ROSTER.with_logins([((OFFICE, P105), NIKOS.id)]).with_logins(
        [((OFFICE, P199), NIKOS.id)]
    )
    assert moved.agent_at(OFFICE, P105) is None
    assert moved.agent_at(OFFICE, P199) is NIKOS


def test_an_unknown_agent_cannot_log_in_at_a_phone() -> None:
    mallory = AgentId(666)
    assert ROSTER.with_logins([((OFFICE, P101), mallory)]).agent_at(OFFICE, P101) is MARYAM


def test_a_queue_may_name_the_agent_behind_its_member() -> None:
    named = ROSTER.with_members(OFFICE, [("NIKOS", "Local/103@from-queue/n", "PJSIP/103")])
    assert named.agent_at(OFFICE, Endpoint("103")) is NIKOS
    assert named.with_members(OFFICE, [("Nikos", "PJSIP/103", "")]) is named


def test_a_queue_does_not_take_a_phone_from_the_agent_of_the_settings() -> None:
    named = ROSTER.with_members(OFFICE, [("Nikos", "PJSIP/101", "")])
    assert named.agent_at(OFFICE, P101) is MARYAM


def test_a_member_name_of_two_agents_is_of_no_agent() -> None:
    twins = Roster.of({OFFICE: (agent(1, "Maria"), agent(2, "Maria"))})
    assert twins.with_members(OFFICE, [("Maria", "PJSIP/101", "")]).agent_at(OFFICE, P101) is None


def test_a_member_without_a_phone_or_a_name_changes_nothing() -> None:
    assert ROSTER.with_members(OFFICE, [("Nikos", "Agent/1001", "")]) is ROSTER
    assert ROSTER.with_members(OFFICE, [("Nobody", "PJSIP/103", "")]) is ROSTER


def test_two_agents_with_one_phone_are_reported_and_the_first_has_it() -> None:
    roster = Roster.of({OFFICE: (agent(7, "Late", P101), MARYAM)})
    assert roster.agent_at(OFFICE, P101) is MARYAM
    assert roster.conflicts == (PhoneConflict(OFFICE, P101, kept=MARYAM.id, refused=AgentId(7)),)


def test_a_phone_without_an_agent_is_reported_once() -> None:
    results = ROSTER.unmapped(OFFICE, P199)
    assert results is not None
    assert results.unmapped(OFFICE, P199) is None
    assert results.unmapped(BRANCH, P199) is not None
    assert ROSTER.unmapped(OFFICE, P101) is None


def test_reports_of_phones_without_an_agent_are_bounded() -> None:
    roster = ROSTER
    for number in range(MAX_REPORTED):
        roster = roster.unmapped(OFFICE, Endpoint(f"ghost-{number}")) or roster
    assert len(roster.reported) == MAX_REPORTED
    assert roster.unmapped(OFFICE, Endpoint("one more")) is None


def test_new_settings_keep_logged_in_agents_and_forget_deleted_ones() -> None:
    seated = ROSTER.with_logins([((OFFICE, P199), NIKOS.id)]).with_logins(
        [((OFFICE, P105), ELENI.id)]
    )
    without_eleni = seated.with_agents({OFFICE: (MARYAM, NIKOS)})
    assert without_eleni.agent_at(OFFICE, P199) is NIKOS
    assert without_eleni.agent_at(OFFICE, P105) is None
    assert without_eleni.agent_at(OFFICE, P102) is None


PHONES = st.sampled_from((P101, P102, P105, P199))
AGENTS = st.sampled_from((MARYAM.id, ELENI.id, NIKOS.id, AgentId(666)))


@given(st.lists(st.tuples(PHONES, AGENTS)))
def test_after_any_logins_a_phone_has_one_agent_and_an_agent_one_hot_desk(
    steps: list[tuple[Endpoint, AgentId]],
) -> None:
    roster = ROSTER
    for phone, agent_id in steps:
        roster = roster.with_logins([((OFFICE, phone), agent_id)])
    at_once = ROSTER.with_logins(((OFFICE, phone), agent_id) for phone, agent_id in steps)
    assert list(at_once.logins.items()) == list(roster.logins.items())
    desks = list(roster.logins.values())
    assert len(desks) == len(set(desks))
    assert set(desks) <= set(roster.agents)
    for agent_id in roster.agents:
        for phone in roster.phones_of(OFFICE, agent_id):
            sitting = roster.agent_at(OFFICE, phone)
            assert sitting is not None
            assert sitting.id == agent_id


def test_all_members_of_a_pbx_take_the_place_of_those_before() -> None:
    named = ROSTER.with_members(OFFICE, [("Nikos", "PJSIP/105", ""), ("?", "PJSIP/199", "")])
    assert named.agent_at(OFFICE, P105) is NIKOS
    assert named.agent_at(OFFICE, P199) is None
    assert named.with_members(OFFICE, [("Nikos", "PJSIP/105", "")]) is named
    moved = named.with_members(OFFICE, [("Nikos", "Local/199@agents/n", "")])
    assert (moved.agent_at(OFFICE, P105), moved.agent_at(OFFICE, P199)) == (None, NIKOS)
    assert moved.with_members(BRANCH, []) is moved


def test_new_settings_keep_the_queue_members_of_the_pbx() -> None:
    results = ROSTER.with_members(OFFICE, [("Nikos", "PJSIP/105", "")]).unmapped(OFFICE, P199)
    assert results is not None
    again = Roster.of({OFFICE: (MARYAM, NIKOS)}).after(results)
    assert again.agent_at(OFFICE, P105) is NIKOS
    assert again.unmapped(OFFICE, P199) is None
    assert Roster.of({OFFICE: (MARYAM,)}).after(results).agent_at(OFFICE, P105) is None
