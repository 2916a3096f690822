"""Whose page asks, and by which names we go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.web.origins import OwnOrigins, RequestOrigin

OURS = OwnOrigins(["https://pop.example.com", "http://pbx.lan:8080/"])


@pytest.mark.parametrize(
    ("headers", "asking"),
    [
        ({}, RequestOrigin.NO_PAGE),
        ({"host": "10.0.0.1:80"}, RequestOrigin.NO_PAGE),
        ({"host": "10.0.0.1:80", "origin": "http://10.0.0.1:80"}, RequestOrigin.OUR_PAGE),
        ({"host": "10.0.0.1", "origin": "https://10.0.0.1"}, RequestOrigin.OUR_PAGE),
        ({"host": "PBX.lan", "origin": "http://pbx.LAN"}, RequestOrigin.OUR_PAGE),
        ({"host": "10.0.0.1", "origin": "http://10.0.0.1:81"}, RequestOrigin.ANOTHER_SITE),
        ({"host": "10.0.0.1", "origin": "null"}, RequestOrigin.ANOTHER_SITE),
        ({"host": "10.0.0.1", "origin": ""}, RequestOrigin.ANOTHER_SITE),
        ({"host": "", "origin": "http://"}, RequestOrigin.ANOTHER_SITE),
        ({"host": "10.0.0.1", "origin": "http://10.0.0.1/path"}, RequestOrigin.ANOTHER_SITE),
        ({"host": "10.0.0.1", "origin": "http://10.0.0.1.evil"}, RequestOrigin.ANOTHER_SITE),
        ({"host": "inside:8080", "origin": "https://pop.example.com"}, RequestOrigin.OUR_PAGE),
        ({"host": "inside:8080", "origin": "http://pop.example.com"}, RequestOrigin.ANOTHER_SITE),
        ({"sec-fetch-site": "same-origin", "origin": "http://x"}, RequestOrigin.OUR_PAGE),
        ({"sec-fetch-site": "none"}, RequestOrigin.OUR_PAGE),
        ({"sec-fetch-site": "same-site"}, RequestOrigin.ANOTHER_SITE),
        ({"sec-fetch-site": "cross-site"}, RequestOrigin.ANOTHER_SITE),
        ({"sec-fetch-site": "anything"}, RequestOrigin.ANOTHER_SITE),
    ],
)
def test_the_browser_names_the_origin_of_the_page(
    headers: dict[str, str], asking: RequestOrigin
) -> None:
    assert OURS.classify_request(headers) is asking


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:1",
        "pop.example.com",
        "pbx.lan:99",
        "10.0.0.1",
        "[::1]",
        "[fe80::1]:8",
    ],
)
def test_we_answer_to_our_names_and_to_addresses(host: str) -> None:
    assert OURS.answers_to(host)


@pytest.mark.defends("own-host")
@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "example.com",
        "x.pop.example.com",
        "pop.example.com.",
        "a@localhost",
        "localhost/x",
        "localhost:x",
        "[::1",
        "::1",
        "localhost?x",
        "10.0.0.1#x",
        "1",
        "0x7f.1",
    ],
)
def test_we_answer_to_nothing_else(host: str) -> None:
    assert not OURS.answers_to(host)


@pytest.mark.defends("own-host")
@given(st.text())
def test_no_host_makes_it_stumble(host: str) -> None:
    OURS.answers_to(host)


@pytest.mark.defends("cookies")
def test_only_when_all_ways_in_are_https_cookies_can_demand_it() -> None:
    assert OwnOrigins(["https://a.example"]).https
    assert not OwnOrigins(["https://a.example", "http://b.example"]).https
    assert not OwnOrigins().https
