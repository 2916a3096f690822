"""URL templates of other programs: which are accepted, and what is wrong with the others."""

import pytest

from screenpop.cards.program_links import FIELDS, MAX_TEMPLATE_LENGTH, check_url_template


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/search?phone={number}",
        "http://crm.lan:8080/{customer}/{call}#{line}",
        "https://crm.lan/?q={{{digits}}}",
        "crm:open?phone={digits}&name={name}",
        "https://crm.lan/" + "&".join(f"{field}={{{field}}}" for field in FIELDS),
    ],
)
def test_a_template_with_known_fields_is_accepted(url: str) -> None:
    assert check_url_template(url) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://crm.lan/?q={phone}", r"\{phone\} is no field; use \{number\}, \{digits\}"),
        ("https://crm.lan/?q={}", r"\{\} is no field"),
        ("https://crm.lan/?q={number!r}", "only a name"),
        ("https://crm.lan/?q={number:>20}", "only a name"),
        ("https://crm.lan/?q={number.real}", "is no field"),
        ("https://crm.lan/?q={number", "brace is not closed"),
        ("https://{name}/", "the host must be written out"),
        ("https://crm.lan{number}/", "the host must be written out"),
        ("https://admin:secret@crm.lan/", "the host must be written out"),
        ("https:///x", "the host must be written out"),
        ("javascript:alert({number})", "cannot begin with javascript:"),
        ("JavaScript:alert(1)", "cannot begin with javascript:"),
        ("data:text/html,{name}", "cannot begin with data:"),
        ("file:///etc/{name}", "cannot begin with file:"),
        ("{name}:x", "no scheme"),
        ("crm.lan/?q={number}", "no scheme"),
        ("//crm.lan/", "no scheme"),
        ("", "no scheme"),
        ("https://crm.lan/ {number}", "space or an invisible"),
        ("java\nscript:alert(1)", "space or an invisible"),
        ("https://crm.lan/\u202e", "space or an invisible"),
    ],
)
def test_a_template_that_cannot_be_used_has_its_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_url_template(url)


def test_a_template_has_at_most_the_longest_length() -> None:
    url = "https://crm.lan/".ljust(MAX_TEMPLATE_LENGTH, "x")
    assert check_url_template(url) == url
    with pytest.raises(ValueError, match="longer than"):
        check_url_template(url + "x")
