"""Tests against a real Asterisk; `make test-pbx` runs them inside the lab."""

import pytest

pytest.register_assert_rewrite("tests.pbx.played", "tests.pbx.painted_cards")
