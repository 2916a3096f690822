"""The address of a recording, which no value can change beyond its field."""

from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from screenpop.calls.recording_link import FIELDS, recording_link

TEHRAN = ZoneInfo("Asia/Tehran")
AT = 1_790_000_000.0


def test_fields_are_filled_with_the_local_time_of_the_arrival() -> None:
    template = "https://pbx/rec/{year}/{month}/{day}/{hour}{minute}{second}-{number}-{linkedid}.wav"
    facts = {"number": "989123456789", "linkedid": "1790000000.12"}
    assert recording_link(template, facts, AT, TEHRAN) == (
        "https://pbx/rec/2026/09/21/174320-989123456789-1790000000.12.wav"
    )
    assert recording_link("", facts, AT, TEHRAN) == ""
    assert recording_link("https://pbx/{queue}", {}, AT, TEHRAN) == "https://pbx/"


HOSTILE = st.text() | st.sampled_from(
    ["..", ".", "../../etc", "//evil.example", "?a=b#c", "{year}", "\n", '"><script>', "@evil"]
)


@given(st.dictionaries(st.sampled_from(FIELDS[:6]), HOSTILE))
def test_a_hostile_value_stays_in_its_own_segment(facts: dict[str, str]) -> None:
    facts = {name: text.encode("utf-8", "replace").decode() for name, text in facts.items()}
    found = recording_link("https://pbx/rec/{queue}/{linkedid}?n={number}", facts, AT, TEHRAN)
    parts = urlsplit(found)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "pbx", "")
    _, rec, queue, linkedid = parts.path.split("/")
    assert rec == "rec"
    for segment, name in ((queue, "queue"), (linkedid, "linkedid")):
        assert not segment or segment.strip(".")
        assert unquote(segment) in {facts.get(name, ""), ""}
    assert not set(found) & set(" \n\"'<>{}")
