"""``screenpop user``: passwords, roles, phones."""

import asyncio
import re
from pathlib import Path

import pyotp
import pytest

from screenpop.store.accounts.second_factor import new_setup, turn_on
from screenpop.store.accounts.user_admin import find_account
from screenpop.store.engine.database import opened
from tests.cli.commands import Run

PASSWORD = "four words are enough"


def test_a_user_is_made_listed_and_given_phones(migrated: Run) -> None:
    made = migrated(
        *("user", "add", "Maryam", "--name", "مریم", "--phones", "101, 99101"),
        *("--department", "accounting", "--language", "fa", "--password-stdin"),
        stdin=f"{PASSWORD}\n",
    )
    assert made.exit_code == 0, made.output
    listed = migrated("user", "list").stdout
    for word in ("maryam", "مریم", "agent", "accounting", "101, 99101"):
        assert word in listed
    assert migrated("user", "endpoint", "maryam", "102").exit_code == 0
    listed = migrated("user", "list").stdout
    assert "102" in listed
    assert "101" not in listed


def test_the_password_is_asked_for_when_it_is_not_given(migrated: Run) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert migrated("user", "add", "sara", "--role", "supervisor", stdin=typed).exit_code == 0
    assert migrated("user", "passwd", "sara", stdin=typed).exit_code == 0
    assert migrated("user", "passwd", "nobody", stdin=typed).exit_code == 1


def test_the_password_is_read_from_the_first_line_of_a_file(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\nnot this line\n")
    words = ("user", "add", "sara", "--password-file", str(tmp_path / "password"))
    assert migrated(*words).exit_code == 0
    missing = migrated("user", "passwd", "sara", "--password-file", str(tmp_path / "none"))
    assert missing.exit_code == 1
    assert "There is no file" in missing.stderr


@pytest.mark.defends("command-passwords")
@pytest.mark.parametrize("command", ["add", "passwd"])
def test_a_password_on_the_command_line_is_refused(migrated: Run, command: str) -> None:
    result = migrated("user", command, "sara", "--password", PASSWORD)
    assert result.exit_code == 2
    assert "--password-stdin" in result.stderr
    assert "sara" not in migrated("user", "list").stdout


@pytest.mark.parametrize(
    ("words", "password", "sentence"),
    [
        (("a b",), PASSWORD, "The username 'a b' cannot be used"),
        (("bob",), "short", "at least 10 characters"),
        (("bob",), "password123", "among the first that are tried"),
        (("bob", "--role", "king"), PASSWORD, "'king' is none of"),
        (("bob", "--department", "x"), PASSWORD, "'x' is none of"),
        (("bob", "--language", "de"), PASSWORD, "'de' is none of"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_a_sentence(
    migrated: Run, words: tuple[str, ...], password: str, sentence: str
) -> None:
    result = migrated("user", "add", *words, "--password-stdin", stdin=password)
    assert result.exit_code != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_a_phone_belongs_to_one_user(migrated: Run) -> None:
    first, result = (
        migrated(
            *("user", "add", name, "--phones", "101", "--password-stdin"), stdin=PASSWORD + "\n"
        )
        for name in ("alice", "bob")
    )
    assert (first.exit_code, result.exit_code) == (0, 1)
    assert "belongs to another user" in result.stderr


def add_users(migrated: Run, **roles: str) -> None:
    for name, role in roles.items():
        words = ("user", "add", name, "--role", role, "--password-stdin")
        made = migrated(*words, stdin=PASSWORD + "\n")
        assert made.exit_code == 0, made.output


def test_a_user_is_renamed_given_a_role_disabled_enabled_and_deleted(migrated: Run) -> None:
    add_users(migrated, root="admin", sara="agent")
    assert migrated("user", "rename", "sara", "Sara Kiani").exit_code == 0
    changed = migrated("user", "role", "sara", "--role", "supervisor", "--department", "finance")
    assert changed.exit_code == 0, changed.output
    listed = migrated("user", "list").stdout
    for word in ("Sara Kiani", "supervisor", "finance"):
        assert word in listed
    assert migrated("user", "disable", "sara").exit_code == 0
    assert "disabled" in migrated("user", "list").stdout
    assert migrated("user", "enable", "sara").exit_code == 0
    assert "disabled" not in migrated("user", "list").stdout
    assert migrated("user", "delete", "sara", stdin="n\n").exit_code == 1
    assert migrated("user", "delete", "sara", stdin="y\n").exit_code == 0
    assert "sara" not in migrated("user", "list").stdout
    add_users(migrated, sara="agent")  # the username is free again


@pytest.mark.parametrize(
    "words",
    [("disable", "root"), ("delete", "root", "--yes"), ("role", "root", "--role", "agent")],
)
def test_the_last_administrator_stays_one(migrated: Run, words: tuple[str, ...]) -> None:
    add_users(migrated, root="admin", sara="agent", other="admin")
    assert migrated("user", "disable", "other").exit_code == 0
    result = migrated("user", *words)
    assert result.exit_code == 1
    assert "last administrator" in result.stderr
    assert migrated("user", "enable", "other").exit_code == 0
    assert migrated("user", *words).exit_code == 0


def test_a_first_password_is_printed_and_not_asked_for(migrated: Run) -> None:
    for words in (("add", "nikos"), ("passwd", "nikos")):
        done = migrated("user", *words, "--first-password")
        assert done.exit_code == 0, done.output
        assert re.search(r"within 7 days: \w{4}-\w{4}-\w{4}", done.stdout)


def test_two_step_login_is_turned_off_for_a_lost_phone(migrated: Run) -> None:
    add_users(migrated, sara="agent")

    async def turn_it_on() -> None:
        async with opened("sqlite:///data/screenpop.db") as database:
            user = await find_account(database, "sara")
            setup = await new_setup(database, user.id, 1e9)
            code = pyotp.TOTP(setup.secret).at(10**9)
            assert await turn_on(database, user.id, setup, code, 1e9) is not None

    asyncio.run(turn_it_on())
    assert "password only" in migrated("user", "totp-reset", "sara").stdout
    assert "no two-step login" in migrated("user", "totp-reset", "sara").stdout
    assert migrated("user", "totp-reset", "nobody").exit_code == 1
    assert "has not logged in by" in migrated("user", "provider-reset", "sara").stdout
