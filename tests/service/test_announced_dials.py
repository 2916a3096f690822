"""The customer of an announced call: whom an agent calls from a row or from a customer's page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.agents.agent import AgentId
from screenpop.customers.models import CustomerId
from screenpop.service.announced_dials import KEPT_S, AnnouncedDials
from screenpop.telephony.identifiers import E164

AGENT, OTHER = AgentId(1), AgentId(2)
NUMBER, OTHER_NUMBER = E164("+989121234567"), E164("+989127654321")
CUSTOMER = CustomerId(7)


def announced(at: float = 100.0) -> AnnouncedDials:
    dials = AnnouncedDials()
    dials.announce(AGENT, NUMBER, CUSTOMER, at)
    return dials


def test_announced_call_has_its_customer_once() -> None:
    dials = announced()
    assert dials.take(AGENT, NUMBER, 101) == CUSTOMER
    assert dials.take(AGENT, NUMBER, 101) is None
    assert not dials


def test_call_of_another_agent_or_to_another_number_has_no_customer() -> None:
    dials = announced()
    assert dials.take(OTHER, NUMBER, 101) is None
    assert dials.take(AGENT, OTHER_NUMBER, 101) is None
    assert dials.take(AGENT, None, 101) is None
    assert dials.take(AGENT, NUMBER, 101) == CUSTOMER


@pytest.mark.parametrize(("later", "expected"), [(KEPT_S, CUSTOMER), (KEPT_S + 0.001, None)])
def test_announced_call_counts_until_its_time_is_over(
    later: float, expected: CustomerId | None
) -> None:
    dials = announced(at=0.0)
    assert dials.take(AGENT, NUMBER, later) == expected
    assert not dials


@given(st.lists(st.tuples(st.sampled_from([AGENT, OTHER]), st.integers(1, 4))))
def test_only_the_last_announced_call_of_each_agent_counts(
    announcements: list[tuple[AgentId, int]],
) -> None:
    dials = AnnouncedDials()
    for agent, customer in announcements:
        dials.announce(agent, NUMBER, CustomerId(customer), 0)
    last = dict(announcements)
    for agent in (AGENT, OTHER):
        assert dials.take(agent, NUMBER, 0) == last.get(agent)
