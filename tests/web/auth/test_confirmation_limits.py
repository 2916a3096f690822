"""How long a confirmed password counts."""

from types import SimpleNamespace
from typing import cast

import pytest

from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.auth.password_confirmation import CONFIRMED_S, is_confirmed
from screenpop.web.context import WebContext


@pytest.mark.parametrize(
    ("after_s", "counts"), [(-0.1, False), (0.0, True), (299.9, True), (300.0, False)]
)
def test_a_password_stays_confirmed_for_five_minutes(after_s: float, counts: bool) -> None:
    assert CONFIRMED_S == 300.0
    context = cast(WebContext, SimpleNamespace(clock=lambda: 1000.0 + after_s))
    user = cast(CurrentUser, SimpleNamespace(token="t", confirmed_at=1000.0))
    assert is_confirmed(context, user) is counts
