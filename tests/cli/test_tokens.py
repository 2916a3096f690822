"""``screenpop token``: made, listed, revoked."""

import re

from tests.cli.commands import Run


def test_a_token_is_made_printed_once_listed_and_revoked(migrated: Run) -> None:
    words = ("token", "add", "Phones", "--scope", "phonebook:read", "--days", "0")
    made = migrated(*words)
    assert made.exit_code == 0, made.output
    (token,) = re.findall(r"^(spop_[\w-]{43})$", made.stdout, re.MULTILINE)
    listed = migrated("token", "list").stdout
    for word in ("Phones", "phonebook:read", "never", "command line", "yes", token[-4:]):
        assert word in listed
    assert token not in listed
    assert migrated("token", "revoke", "1").exit_code == 0
    again = migrated("token", "revoke", "1")
    assert again.exit_code == 1
    assert "screenpop token list" in again.stderr


def test_a_token_that_cannot_be_made_is_refused_with_a_sentence(migrated: Run) -> None:
    for words, sentence in (
        (("--scope", "all"), "There is no scope 'all'; choose from lookup:read"),
        (("--scope", "simulate", "--days", "-1"), "lasts from 1 to 3660 days"),
    ):
        refused = migrated("token", "add", "x", *words)
        assert refused.exit_code == 1
        assert sentence in refused.stderr
