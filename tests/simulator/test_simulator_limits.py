"""Limits of the simulated PBX: each at the limit, and one beside it."""

import pytest

from screenpop.simulator.ami_session import AmiSession
from screenpop.simulator.call_script import CallScriptError, ScriptedCall
from screenpop.simulator.replay_report import is_probable_phone
from screenpop.telephony.identifiers import Endpoint
from tests.simulator.listener import ACCOUNT
from tests.simulator.test_ami_server import a_pbx


@pytest.mark.parametrize(("beside", "is_closed"), [(-1, False), (0, False), (1, True)])
def test_an_unfinished_action_has_at_most_64_kilobytes(beside: int, is_closed: bool) -> None:
    session = AmiSession(a_pbx(), ACCOUNT, lambda _: None)
    session.receive(b"A" * (65_536 + beside))
    assert session.closed is is_closed


@pytest.mark.parametrize("name", ["wait_s", "ring_s", "talk_s"])
@pytest.mark.parametrize(
    ("seconds", "is_possible"), [(-0.1, False), (0.0, True), (3600.0, True), (3600.1, False)]
)
def test_no_part_of_a_call_lasts_longer_than_an_hour(
    name: str, seconds: float, is_possible: bool
) -> None:
    parts = {name: seconds}
    if is_possible:
        assert getattr(ScriptedCall(number="0912", to=("101",), **parts), name) == seconds  # type: ignore[arg-type]
        return
    with pytest.raises(CallScriptError, match=f"^{name}: "):
        ScriptedCall(number="0912", to=("101",), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "is_possible"), [(49, True), (50, True), (51, False)])
def test_a_call_rings_at_most_fifty_phones(count: int, is_possible: bool) -> None:
    phones = tuple(str(number) for number in range(100, 100 + count))
    if is_possible:
        assert ScriptedCall(number="0912", to=phones).to == phones
        return
    with pytest.raises(CallScriptError, match=r"^to: "):
        ScriptedCall(number="0912", to=phones)


@pytest.mark.parametrize(
    ("endpoint", "is_phone"),
    [("1", False), ("12", True), ("12345", True), ("123456", False)],
)
def test_a_phone_has_two_to_five_digits_where_none_are_configured(
    endpoint: str, is_phone: bool
) -> None:
    assert is_probable_phone(Endpoint(endpoint)) is is_phone
