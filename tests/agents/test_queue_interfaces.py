"""The endpoint behind a queue member's interface."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.agents.queue_interfaces import endpoint_of_interface


@pytest.mark.parametrize(
    ("interface", "endpoint"),
    [
        ("PJSIP/101", "101"),
        ("SIP/101", "101"),
        ("IAX2/maryam", "maryam"),
        ("Local/101@from-queue/n", "101"),
        ("Local/101@from-queue", "101"),
        ("hint:101@ext-local", "101"),
        (" PJSIP/101 ", "101"),
        ("PJSIP/reception-desk", "reception-desk"),
        ("Agent/1001", None),
        ("Custom:DND101", None),
        ("DAHDI/1", None),
        ("101", None),
        ("PJSIP/", None),
        ("PJSIP/101&PJSIP/102", None),
        ("", None),
    ],
)
def test_an_interface_names_a_phone_or_nothing(interface: str, endpoint: str | None) -> None:
    assert endpoint_of_interface(interface) == endpoint


@given(st.text())
def test_no_interface_raises(interface: str) -> None:
    assert endpoint_of_interface(interface) != ""
