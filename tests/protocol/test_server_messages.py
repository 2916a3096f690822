"""The frames of the server are JSON, whatever is in the payload."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.protocol.close_codes import RETRY_MS, WORD, CloseCode
from screenpop.protocol.server_messages import (
    Entry,
    Position,
    Result,
    Snapshot,
    bye,
    encode_entry,
    result,
    snapshot,
)


@given(st.sampled_from(["card", "call"]), st.dictionaries(st.text(), st.text()), st.booleans())
def test_a_payload_is_whole_in_its_frame(kind: str, thing: dict[str, str], gone: bool) -> None:
    frame = orjson.loads(encode_entry("e", Entry(4, kind, orjson.dumps(thing), gone)))
    expected = {"type": kind, "epoch": "e", "seq": 4, kind: thing}
    assert frame == (expected | {"gone": True} if gone else expected)


def test_the_state_of_a_pbx_is_beside_the_number() -> None:
    payload = b'{"id":"office","state":"live","since":1.5}'
    frame = orjson.loads(encode_entry("e", Entry(4, "pbx", payload)))
    assert frame == {
        "type": "pbx",
        "epoch": "e",
        "seq": 4,
        "id": "office",
        "state": "live",
        "since": 1.5,
    }


@given(st.lists(st.dictionaries(st.text(), st.text())))
def test_a_snapshot_holds_all_payloads_in_order(things: list[dict[str, str]]) -> None:
    payloads = tuple(orjson.dumps(thing) for thing in things)
    message = orjson.loads(snapshot(Snapshot(Position("e", 1), payloads, payloads[:1], ())))
    assert message["cards"] == things
    assert message["calls"] == things[:1]
    assert message["pbx"] == []


def test_a_result_is_a_value_or_an_error() -> None:
    assert orjson.loads(result(Result("c", ok=True))) == {
        "type": "result",
        "id": "c",
        "ok": True,
        "value": {},
    }
    assert orjson.loads(result(Result("c", ok=False, error="no_such_card"))) == {
        "type": "result",
        "id": "c",
        "ok": False,
        "error": "no_such_card",
    }


@pytest.mark.parametrize("code", CloseCode)
def test_each_bye_has_a_reason_and_a_time_to_come_back(code: CloseCode) -> None:
    assert orjson.loads(bye(code)) == {
        "type": "bye",
        "code": int(code),
        "retry_ms": RETRY_MS[code],
        "reason": WORD[code],
    }
    assert orjson.loads(bye(code, "more"))["detail"] == "more"
