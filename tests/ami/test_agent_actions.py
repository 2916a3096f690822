"""``QueuePause`` and ``Originate``: what is sent, what is never sent, and what a reply means."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.ami.action_encoding import encode_action
from screenpop.ami.agent_actions import originate_headers, outcome_of, queue_pause_headers
from screenpop.ami.errors import UnsafeActionError
from screenpop.service.availability_ports import ActionOutcome, Originate, QueuePause
from screenpop.telephony.identifiers import Endpoint, PbxId

OFFICE = PbxId("office")
PAUSE = QueuePause(OFFICE, "support", "Local/101@from-queue/n", is_paused=True, reason="lunch")
CALL = Originate(OFFICE, "PJSIP", Endpoint("101"), "09123456789", "from-internal")


def test_pause_names_queue_interface_and_reason() -> None:
    assert queue_pause_headers(PAUSE) == {
        "Queue": "support",
        "Interface": "Local/101@from-queue/n",
        "Paused": "true",
        "Reason": "lunch",
    }
    assert queue_pause_headers(replace(PAUSE, is_paused=False, reason=""))["Paused"] == "false"


@pytest.mark.defends("ami-originate")
def test_originate_rings_the_own_phone_and_dials_in_its_context() -> None:
    assert originate_headers(CALL) == {
        "Channel": "PJSIP/101",
        "Context": "from-internal",
        "Exten": "09123456789",
        "Priority": "1",
        "CallerID": '"Screenpop" <09123456789>',
        "Timeout": "30000",
        "Async": "true",
    }


@pytest.mark.defends("ami-originate")
@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "101,1,System(x)"},
        {"number": "+989123456789"},
        {"number": ""},
        {"number": "1" * 21},
        {"endpoint": Endpoint("101&PJSIP/102")},
        {"endpoint": Endpoint("101@trunk/x")},
        {"context": "from-internal,s,1"},
        {"context": ""},
        {"technology": "Local"},
    ],
)
def test_originate_of_anything_but_digits_phones_and_contexts_is_not_sent(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(UnsafeActionError):
        originate_headers(replace(CALL, **wrong))  # type: ignore[arg-type]


@pytest.mark.defends("ami-originate")
@pytest.mark.parametrize("number", ["12", "1" * 20])
def test_shortest_and_longest_number_are_sent(number: str) -> None:
    assert originate_headers(replace(CALL, number=number))["Exten"] == number


@pytest.mark.defends("ami-one-frame")
@given(queue=st.text(), interface=st.text(), reason=st.text())
def test_pause_of_any_names_is_one_action_or_none(queue: str, interface: str, reason: str) -> None:
    try:
        headers = queue_pause_headers(QueuePause(OFFICE, queue, interface, True, reason))
        sent = encode_action({"Action": "QueuePause", **headers})
    except UnsafeActionError:
        return
    assert sent.count(b"\r\n") == 6
    assert sent.count(b"Action: ") == 1


@pytest.mark.parametrize(
    ("response", "message", "outcome"),
    [
        ("Success", "Interface paused successfully", ActionOutcome.DONE),
        ("Error", "Permission denied", ActionOutcome.NOT_ALLOWED),
        ("Error", "Interface not found", ActionOutcome.NOT_A_MEMBER),
        ("Error", "Extension does not exist.", ActionOutcome.REFUSED),
        ("Error", "", ActionOutcome.REFUSED),
    ],
)
def test_outcome_of_a_reply(response: str, message: str, outcome: ActionOutcome) -> None:
    assert outcome_of(response, message) is outcome
