"""Tests against a real Asterisk; `make test-pbx` runs them inside the lab."""
