"""How long an API token is."""

import pytest

from screenpop.accounts.api_token import MIN_API_TOKEN_LENGTH, is_usable_api_token


@pytest.mark.parametrize(("length", "is_usable"), [(31, False), (32, True), (33, True)])
def test_an_api_token_has_at_least_32_characters(length: int, is_usable: bool) -> None:
    assert MIN_API_TOKEN_LENGTH == 32
    assert is_usable_api_token("x" * length) is is_usable
