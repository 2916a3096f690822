"""What a target receives, how it is signed, and which addresses are allowed."""

import base64
import hashlib
import hmac
import ipaddress
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.webhooks import zammad
from screenpop.webhooks.addresses import (
    MOST_URL_CHARS,
    TargetRules,
    UrlRefusedError,
    check_url,
    is_allowed,
    parse_networks,
)
from screenpop.webhooks.events import (
    CHOSEN_TYPES,
    AgentName,
    EventType,
    OutgoingEvent,
    People,
    build_body,
)
from screenpop.webhooks.signing import new_secret, signed_headers
from screenpop.webhooks.targets import blames_target, pause_s

CALL = {
    "id": "1.1",
    "pbx": "lab",
    "direction": "inbound",
    "line": "+982188776655",
    "queue": "sales",
    "arrived_at": 1.0,
}
EVENT = OutgoingEvent(
    "evt_1",
    EventType.CALL_ANSWERED,
    1_700_000_000.5,
    "o",
    {"call": CALL, "phone": "101"},
    7,
    "+989123456789",
    (3, 4),
)
PEOPLE = People({3: AgentName("maryam", "Maryam Ahmadi")}, "Laleh Karimi")
OFFICE = TargetRules(parse_networks(["192.168.1.0/24", "::1/128"]))


def body(*, numbers: bool = True, names: bool = False) -> dict[str, object]:
    made = build_body(EVENT, PEOPLE, with_numbers=numbers, with_names=names)
    parsed: dict[str, object] = orjson.loads(made)
    return parsed


@pytest.mark.defends("webhook-signatures")
def test_numbers_and_names_are_sent_only_where_the_target_has_them() -> None:
    assert body() == {
        "type": "call.answered",
        "timestamp": "2023-11-14T22:13:20.500+00:00",
        "data": {
            "call": CALL,
            "phone": "101",
            "number": "+989123456789",
            "customer": {"id": 7},
            "agents": [{"id": 3, "username": "maryam"}, {"id": 4}],
        },
    }
    assert b"98912" not in orjson.dumps(body(numbers=False))
    assert b"Laleh" not in orjson.dumps(body())
    named = orjson.dumps(body(names=True))
    assert b"Laleh Karimi" in named
    assert b"Maryam Ahmadi" in named


@pytest.mark.defends("webhook-signatures")
@given(st.binary(max_size=200), st.text(st.characters(codec="ascii"), max_size=20))
def test_signature_is_that_of_standard_webhooks(sent: bytes, message_id: str) -> None:
    secret = new_secret()
    headers = signed_headers(secret, message_id, 1_700_000_000.9, sent)
    key = base64.b64decode(secret[len("whsec_") :])
    signed = message_id.encode() + b".1700000000." + sent
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers == {
        "webhook-id": message_id,
        "webhook-timestamp": "1700000000",
        "webhook-signature": f"v1,{expected}",
    }
    assert 24 <= len(key) <= 64


def test_signature_of_the_published_example() -> None:
    """The example of the specification's reference libraries."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def refused(url: str, rules: TargetRules = OFFICE) -> str:
    with pytest.raises(UrlRefusedError) as found:
        check_url(url, rules)
    return found.value.code


@pytest.mark.defends("webhook-addresses")
def test_an_address_is_plain_https_of_an_allowed_host() -> None:
    public = TargetRules()
    assert check_url(" https://crm.example.com:8443/a?b=c ", public).endswith("/a?b=c")
    for url in (
        *("", "crm.example.com", "https://", "https://u:p@crm.example.com/", "https://a b/"),
        *("https://crm.example.com/#x", "https://crm.example.com:99999/", "https://[::1/"),
        *("https://crm.example.com/\r\nX: y", "https://crm.example.com\\@evil/", "https://é.gr/"),
    ):
        assert refused(url, public) == "bad_url", url
    assert refused("http://crm.example.com/", public) == "needs_https"
    assert refused("ftp://crm.example.com/") == "needs_https"
    assert check_url("http://192.168.1.9/", OFFICE)
    named = TargetRules(hosts=frozenset({"crm.example.com"}))
    assert check_url("https://CRM.example.com/", named)
    assert refused("https://other.example.com/", named) == "bad_host"
    long = "https://a.gr/".ljust(MOST_URL_CHARS, "x")
    assert check_url(long, public) == long
    assert refused(long + "x", public) == "bad_url"


@pytest.mark.defends("webhook-addresses")
@pytest.mark.parametrize(
    ("address", "public", "office"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        *((one, False, False) for one in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0")),
        *((one, False, False) for one in ("100.64.0.1", "192.168.2.1", "224.0.0.1", "nonsense")),
        *((one, False, False) for one in ("fe80::1%eth0", "fd00::1", "::", "ff02::1")),
        *((one, False, False) for one in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")),
        *((one, False, True) for one in ("192.168.1.7", "::ffff:192.168.1.7", "::1")),
    ],
)
def test_private_and_special_addresses_are_refused_unless_allowed(
    address: str, *, public: bool, office: bool
) -> None:
    assert is_allowed(address, TargetRules(), has_tls=True) is public
    assert is_allowed(address, OFFICE, has_tls=True) is office
    # Without TLS only inside the office.
    assert is_allowed(address, OFFICE, has_tls=False) is (office and not public)


@pytest.mark.defends("webhook-addresses")
@given(st.ip_addresses())
def test_no_address_is_allowed_that_is_not_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_allowed(str(address), TargetRules(), has_tls=True):
        assert address.is_global or getattr(address, "sixtofour", None) is not None
        assert not address.is_loopback
        assert not address.is_multicast


@pytest.mark.defends("webhook-addresses")
def test_addresses_inside_a_network_that_python_calls_global_are_refused() -> None:
    for inside in (
        "::127.0.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "fec0::1",
        "3fff::1",
        "1fff:ffff::1",
        "4000::1",
    ):
        assert not is_allowed(inside, TargetRules(), has_tls=True), inside
        own = TargetRules((ipaddress.ip_network(inside),))
        if "64:ff9b::" not in inside:
            assert is_allowed(inside, own, has_tls=False), inside
    for public in ("8.8.8.8", "192.0.1.1", "2000::1", "2a00:1450::1", "::ffff:8.8.8.8"):
        assert is_allowed(public, TargetRules(), has_tls=True), public


def test_pauses_grow_from_seconds_to_hours_and_stay_there() -> None:
    pauses = [pause_s(failures) for failures in range(12)]
    assert pauses[:3] == [5, 5, 30]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == 4 * 3600
    assert [
        status for status in (None, 301, 400, 401, 404, 422, 500) if not blames_target(status)
    ] == [400, 422]


def zammad_body(**changes: object) -> dict[str, object]:
    event = replace(EVENT, **changes)  # type: ignore[arg-type]
    made = zammad.build_body(event, PEOPLE, with_numbers=True)
    assert made is not None
    parsed: dict[str, object] = orjson.loads(made)
    return parsed


def test_zammad_receives_the_fields_of_its_documentation() -> None:
    answer = zammad_body()
    assert answer == {
        "event": "answer",
        "from": "989123456789",
        "to": "982188776655",
        "direction": "in",
        "callId": answer["callId"],
        "user": ["Maryam Ahmadi"],
        "answeringNumber": "101",
    }
    new = zammad_body(type=EventType.CALL_RINGING)
    assert (new["event"], new["queue"], new["callId"]) == ("newCall", "sales", answer["callId"])
    over = zammad_body(type=EventType.CALL_ENDED, data={"call": CALL, "disposition": "abandoned"})
    assert (over["event"], over["cause"]) == ("hangup", "cancel")
    out = zammad_body(type=EventType.CALL_RINGING, data={"call": CALL | {"direction": "outbound"}})
    assert (out["direction"], out["from"], out["to"]) == ("out", "982188776655", "989123456789")
    assert zammad_body(number="")["from"] == "anonymous"
    assert (
        zammad.build_body(replace(EVENT, type=EventType.CALL_MISSED), PEOPLE, with_numbers=True)
        is None
    )
    assert len(str(answer["callId"])) <= 250


def test_each_event_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("| `"))
    assert [one for one in CHOSEN_TYPES if f"`{one}`" not in rows] == []
