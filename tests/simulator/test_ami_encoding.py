import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.simulator.ami_encoding import messages_of, stamped, to_bytes, to_headers

_VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@pytest.mark.parametrize("value", ["a\r\nEvent: Hangup", "a\nb", "a\rb"])
def test_a_value_cannot_become_a_header_of_its_own(value: str) -> None:
    with pytest.raises(ValueError, match="Name"):
        to_bytes([("Name", value)])


@given(st.lists(st.tuples(st.sampled_from(["Event", "Channel", "ChanVariable"]), _VALUES)))
def test_what_is_written_is_read_back(headers: list[tuple[str, str]]) -> None:
    message = to_bytes([("Event", "X"), *headers])
    assert to_headers(message.removesuffix(b"\r\n\r\n")) == [("Event", "X"), *headers]


@given(_VALUES)
def test_the_framing_of_the_real_client_reads_it_too(value: str) -> None:
    (message,) = AmiFramer(None, "own-").feed(to_bytes([("Event", "X"), ("Name", f"[{value}]")]))
    assert message.get("Name") == f"[{value}]"


def test_a_stamp_is_where_asterisk_puts_it() -> None:
    names = [name for name, _ in stamped([("Event", "X"), ("Privilege", "y"), ("Z", "")], 1.5)]
    assert names == ["Event", "Privilege", "Timestamp", "Z"]


def test_a_recording_is_cut_into_its_messages_without_the_banner() -> None:
    recording = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\nEvent: A\r\n\r\n\r\n\r\n"
    assert list(messages_of(recording)) == [b"Response: Success\r\n\r\n", b"Event: A\r\n\r\n"]
