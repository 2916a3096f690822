"""Names and addresses of a server are read as the browser has them, or refused."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.certificates.names import MOST_NAMES, CertificateNameError, parse_names


def test_names_and_addresses_differ_and_each_is_there_once() -> None:
    names = parse_names(["POP.lan.", " 192.168.1.5", "pop.lan", "::1", "γραφείο.lan"])
    assert names.dns == ("pop.lan", "xn--kxadfj5ci0b.lan")
    assert names.addresses == (ip_address("192.168.1.5"), ip_address("::1"))
    assert names.first == "pop.lan"
    assert str(parse_names(["10.0.0.1"])) == "10.0.0.1"


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "a..b", "-a.lan", "a-.lan", "*.lan", "a b", "https://pop.lan", "pop.lan:443"),
        *("192.168.1.300", "10.0.0.0/8", "a\nb", "x" * 64, ".".join(["x" * 63] * 4) + ".y", "a_b"),
    ],
)
def test_a_text_that_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(CertificateNameError):
        parse_names([text])


def test_a_label_has_63_characters_and_a_name_253() -> None:
    longest = ".".join(["x" * 63] * 3 + ["y" * 61])
    assert parse_names([longest]).dns == (longest,)
    with pytest.raises(CertificateNameError):
        parse_names([f"{longest}y"])


def test_twenty_names_are_taken_and_one_more_or_none_is_refused() -> None:
    assert len(parse_names(f"pop{n}.lan" for n in range(MOST_NAMES)).dns) == MOST_NAMES
    for texts in ([f"pop{n}.lan" for n in range(MOST_NAMES + 1)], []):
        with pytest.raises(CertificateNameError):
            parse_names(texts)


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        names = parse_names([text])
    except CertificateNameError:
        pass
    else:
        assert len(names.dns) + len(names.addresses) == 1
        assert names.first.isascii()
