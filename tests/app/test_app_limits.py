"""Limits of the doctor and of the settings: each at the limit, and one beside it."""

import pytest

from screenpop.app.doctor import CLOCKS_APART_S, _clocks
from screenpop.app.doctor_findings import Grade
from screenpop.settings.schema import _long_enough
from tests.app.test_doctor import NOW, Pbx


@pytest.mark.anyio
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("beside_s", "is_good"), [(-0.5, True), (0.0, True), (0.5, False)])
async def test_clocks_agree_within_the_limit(side: int, beside_s: float, is_good: bool) -> None:
    [found] = await _clocks(Pbx(clock=NOW + side * (CLOCKS_APART_S + beside_s)), lambda: NOW)
    assert (found.grade is Grade.GOOD) is is_good


@pytest.mark.parametrize(("length", "is_secret"), [(5, False), (6, True), (7, True)])
def test_an_ami_secret_has_at_least_six_characters(length: int, is_secret: bool) -> None:
    if is_secret:
        assert _long_enough("x" * length, "secret") == "x" * length
        return
    with pytest.raises(ValueError, match="fewer than 6 characters"):
        _long_enough("x" * length, "secret")
