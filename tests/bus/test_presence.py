"""Reports of web processes about their browsers."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.users import UserId
from screenpop.bus.presence import SILENT_S, Presence, encode_presence

ALICE, SCREEN = UserId(1), UserId(-7)


def test_counts_of_all_web_processes_are_added_and_a_change_replaces_only_its_users() -> None:
    presence = Presence()
    presence.hear(encode_presence("a", {ALICE: 2, SCREEN: 1}, whole=True), 0.0)
    presence.hear(encode_presence("b", {ALICE: 1}, whole=True), 0.0)
    presence.hear(encode_presence("a", {SCREEN: 0}, whole=False), 1.0)
    assert (presence.count(ALICE, 1.0), presence.count(SCREEN, 1.0)) == (3, 0)
    presence.hear(encode_presence("a", {}, whole=True), 2.0)
    assert presence.count(ALICE, 2.0) == 1


def test_a_silent_web_process_counts_for_nothing_and_is_forgotten() -> None:
    presence = Presence()
    presence.hear(encode_presence("a", {ALICE: 2}, whole=True), 0.0)
    assert presence.count(ALICE, SILENT_S) == 2
    assert presence.count(ALICE, SILENT_S + 0.01) == 0
    presence.hear(encode_presence("b", {}, whole=True), SILENT_S + 0.01)
    assert set(presence._counts) == {"b"}


@given(
    st.binary(max_size=60) | st.recursive(st.none() | st.integers(0, 9), st.lists).map(orjson.dumps)
)
def test_a_report_that_cannot_be_read_is_counted_and_changes_nothing(report: bytes) -> None:
    presence = Presence()
    for known in (report, b'{"from":"a","whole":1,"users":{"1":"2"}}', b'{"from":"a","users":[]}'):
        presence.hear(known, 0.0)
    assert presence.skipped == 3
    assert presence.count(ALICE, 0.0) == 0
