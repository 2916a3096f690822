import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.ami.action_encoding import MAX_HEADERS, MAX_LINE_LENGTH, encode_action
from screenpop.ami.errors import UnsafeActionError
from screenpop.asterisk.ami_framing import AmiFramer


def test_an_action_is_its_headers_and_a_blank_line() -> None:
    data = encode_action({"Action": "Originate", "Priority": 1, "Variable": ["a=1", "b=2"]})
    assert data == b"Action: Originate\r\nPriority: 1\r\nVariable: a=1\r\nVariable: b=2\r\n\r\n"


@pytest.mark.defends("ami-one-frame")
@pytest.mark.parametrize("breaking", ["\r", "\n", "\r\n", "\0"])
@pytest.mark.parametrize("hidden", ["{}", "101{}", "{}Action: Hangup", "101{}{}Action: Hangup"])
def test_a_line_break_or_nul_in_a_value_or_a_name_is_refused(breaking: str, hidden: str) -> None:
    text = hidden.format(breaking, breaking)
    with pytest.raises(UnsafeActionError, match="line break or NUL"):
        encode_action({"Action": "Originate", "CallerID": text})
    with pytest.raises(UnsafeActionError, match="line break or NUL"):
        encode_action({"Action": "Originate", "Variable": ["fine=1", text]})
    with pytest.raises(UnsafeActionError, match="no header name"):
        encode_action({"Action": "Originate", "Variable" + text: "x"})


@pytest.mark.parametrize("name", ["", "a:b", "a b", "1a", "نام"])
def test_only_header_names_are_header_names(name: str) -> None:
    with pytest.raises(UnsafeActionError, match="no header name"):
        encode_action({name: "x"})


@pytest.mark.defends("ami-one-frame")
def test_what_asterisk_would_cut_off_is_refused() -> None:
    encode_action({"A": "x" * (MAX_LINE_LENGTH - 5)})
    with pytest.raises(UnsafeActionError, match="Shorten it"):
        encode_action({"A": "x" * (MAX_LINE_LENGTH - 4)})
    with pytest.raises(UnsafeActionError, match="fewer variables"):
        encode_action({"Variable": ["a=1"] * (MAX_HEADERS + 1)})


def test_half_a_surrogate_is_refused() -> None:
    with pytest.raises(UnsafeActionError, match="UTF-8"):
        encode_action({"Action": "Originate", "CallerID": "\ud800"})


@pytest.mark.defends("ami-one-frame")
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=5))
def test_whatever_goes_in_at_most_one_action_comes_out(headers: dict[str, str]) -> None:
    try:
        data = encode_action({"Event": "X", **headers})
    except UnsafeActionError:
        return
    [message] = AmiFramer(None).feed(data)
    assert message.fields == {"Event": "X", **headers}
