import pytest

from screenpop.simulator.call_script import CallScriptError, Outcome, ScriptedCall
from screenpop.simulator.simulated_pbx_server import call_from_request


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": "0912\r\nEvent: Hangup"}, "from"),
        ({"number": "9" * 100}, "from"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"to": ()}, "to"),
        ({"to": ("101", "101")}, "to"),
        ({"to": ("1 01",)}, "to"),
        ({"to": ("101\r\nX: y",)}, "to"),
        ({"to": tuple(str(n) for n in range(100, 200))}, "to"),
        ({"queue": "sales desk"}, "queue"),
        ({"did": "abc"}, "did"),
        ({"answered_by": "102"}, "answered_by"),
        ({"ring_s": -1}, "ring_s"),
        ({"talk_s": float("nan")}, "talk_s"),
        ({"wait_s": 1e9}, "wait_s"),
    ],
)
def test_what_could_be_no_call_is_refused_with_the_name_of_the_field(
    wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(CallScriptError, match=f"^{field}: "):
        ScriptedCall(**{"number": "0912", "to": ("101",)} | wrong)  # type: ignore[arg-type]


def test_a_caller_may_be_called_anything_on_one_line() -> None:
    call = ScriptedCall(number="", name="<b>سارا</b> \u202e 'x'", to=("101",))
    assert call.picks_up == "101"


def test_a_request_becomes_a_call_and_what_is_missing_has_its_default() -> None:
    call = call_from_request(
        {"from": "0912", "to": ["101", "102"], "outcome": "missed", "ring_s": 3}
    )
    assert call == ScriptedCall(number="0912", to=("101", "102"), outcome=Outcome.MISSED, ring_s=3)


def test_a_request_with_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(CallScriptError, match=r"^outcome: 'eaten' is none of"):
        call_from_request({"from": "0912", "to": ["101"], "outcome": "eaten"})
