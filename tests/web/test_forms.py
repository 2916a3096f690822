"""Where a form may lead."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.web.forms import safe_path

HERE = "https://here.example/login"


@pytest.mark.parametrize("path", ["/", "/calls", "/calls?q=1#x", "/a//b", "/%2F%2Fevil"])
def test_our_own_paths_are_kept(path: str) -> None:
    assert safe_path(path) == path


@given(st.text(st.sampled_from("/\\.:@#?%\t\r\n evilhtps\x00\u3002"), max_size=12))
def test_whatever_is_asked_for_a_browser_stays_here(wanted: str) -> None:
    path = safe_path(wanted, "/otherwise")
    assert urlsplit(urljoin(HERE, path)).netloc == "here.example"
    assert path.startswith("/")
    assert path[1:2] not in ("/", "\\")
    assert path.isprintable()
