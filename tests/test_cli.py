"""The commands, as somebody types them."""

import csv
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from screenpop import __version__
from screenpop.cli import cli, console
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx

RECORDINGS = Path(__file__).parent / "scenarios" / "22"
SHEETS = Path(__file__).parent / "spreadsheets" / "sheets"
PASSWORD = "four words are enough"
SETTINGS = """
data_dir = "data"
timezone = "Europe/Athens"
[number_plan]
region = "GR"
extensions = ["1XX"]
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """In a folder of its own, with a settings file and nothing in the environment."""
    return running_in(tmp_path, monkeypatch)


def running_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in list(os.environ):
        if name.startswith("SCREENPOP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(console.out, "width", 200)
    monkeypatch.setattr(console.err, "width", 200)
    (folder / "screenpop.toml").write_text(SETTINGS)

    def typed(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=stdin)

    return typed


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ``screenpop migrate`` leaves it: to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        assert running_in(folder, patch)("migrate").exit_code == 0
    return folder / "data"


@pytest.fixture
def migrated(data_folder: Path, tmp_path: Path, run: Run) -> Run:
    shutil.copytree(data_folder, tmp_path / "data")
    return run


def test_it_knows_its_version(run: Run) -> None:
    assert run("--version").stdout.strip() == f"screenpop {__version__}"


def test_without_a_command_it_lists_them(run: Run) -> None:
    said = run().output
    for command in ("demo", "serve", "simulate", "replay", "number", "user", "import", "doctor"):
        assert command in said


def test_each_command_explains_itself(run: Run) -> None:
    for command in ("demo", "serve", "migrate", "doctor", "number", "simulate", "replay", "import"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) > 5


# -- number ------------------------------------------------------------------------------------


def test_a_number_is_explained_by_the_region_given(run: Run) -> None:
    result = run("number", "09123456789", "--region", "IR")
    assert result.exit_code == 0
    assert re.search(r"E\.164\s+\+989123456789", result.stdout)
    assert "+98 912 345 6789" in result.stdout


def test_a_number_is_explained_by_the_settings(run: Run) -> None:
    assert "+306912345678" in run("number", "691 234 5678").stdout


def test_a_number_that_is_none_is_explained_too(run: Run) -> None:
    assert re.search(r"understood as\s+withheld", run("number", "anonymous").stdout)
    assert re.search(r"understood as\s+extension", run("number", "101").stdout)


def test_a_number_needs_no_settings_when_the_region_is_given(run: Run, tmp_path: Path) -> None:
    (tmp_path / "screenpop.toml").unlink()
    assert run("number", "2101234567", "--region", "GR").exit_code == 0
    result = run("number", "2101234567")
    assert result.exit_code == 1
    assert "number_plan is not set" in result.stderr


def test_a_region_that_is_none_is_told(run: Run) -> None:
    result = run("number", "1", "--region", "XX")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "'XX' is not a country" in result.stderr


# -- settings and database ---------------------------------------------------------------------


def test_a_settings_mistake_stops_every_command_with_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "screenpop.toml").write_text(SETTINGS + '\n[[pbx]]\nid = "x"\nport = 0\n')
    for words in (("serve",), ("migrate",), ("doctor",), ("user", "list")):
        result = run(*words)
        assert result.exit_code == 1
        assert "pbx[1].port is 0: give a port from 1 to 65535." in result.stderr
        assert "Traceback" not in result.output


def test_a_database_without_tables_says_which_command_makes_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    result = run("user", "list")
    assert result.exit_code == 1
    assert "screenpop migrate" in result.stderr


def test_migrating_twice_is_as_good_as_once(migrated: Run) -> None:
    assert migrated("migrate").exit_code == 0


# -- users -------------------------------------------------------------------------------------


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


# -- import ------------------------------------------------------------------------------------

SHEET = """title,first name,last name,phone,language,birthday
Dr,Laleh,Karimi,+98 912 345 6789,fa,1983-06-14
Mr,Nikos,Papadopoulos,691 234 5678,el,not a day
,,,691 000 0000,el,
"""


def test_good_rows_come_in_and_bad_ones_are_named_with_line_and_remedy(
    migrated: Run, tmp_path: Path
) -> None:
    (tmp_path / "customers.csv").write_text(SHEET)
    result = migrated("import", "customers.csv")
    assert result.exit_code == 3, result.output
    assert "2 customers came in" in result.stdout
    assert "1 rows were left out" in result.stdout
    assert re.search(r"line 3, birthday: 'not a day': comes in.*1986-08-03", result.stderr)
    assert re.search(r"line 4, last name: left out. Write a first or a last name", result.stderr)


def test_importing_twice_brings_nobody_in_twice(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(SHEET)
    migrated("import", "customers.csv")
    result = migrated("import", "customers.csv")
    assert "0 customers came in" in result.stdout
    assert "2 were there already" in result.stdout


def test_a_dry_run_says_it_all_and_changes_nothing(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(SHEET)
    result = migrated("import", "customers.csv", "--dry-run", "--report", "report.csv")
    assert result.exit_code == 3
    assert "2 customers would come in" in result.stdout
    assert "No rows" not in migrated("import", "--list").stdout
    assert "customers.csv" not in migrated("import", "--list").stdout
    with (tmp_path / "report.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["what"]) for row in rows] == [
        ("4", "left out"),
        ("3", "comes in"),
        ("2", "new"),
        ("3", "new"),
    ]
    assert (tmp_path / "report.csv").stat().st_mode & 0o777 == 0o600


def test_an_import_is_listed_and_taken_out_again(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(SHEET)
    migrated("import", "customers.csv")
    assert re.search(r"1 .*customers\.csv.*done.* 2 ", migrated("import", "--list").stdout)

    result = migrated("import", "--undo", "1")
    assert result.exit_code == 0
    assert "2 customers are gone" in result.stdout
    again = migrated("import", "--undo", "1")
    assert again.exit_code == 1
    assert "no import with the number 1" in again.stderr


def test_a_column_is_what_one_says_and_that_is_remembered(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("Kunde,Telephone\nLaleh Karimi,6912345678\n")
    nameless = migrated("import", "odd.csv", "--dry-run", "--column", "kunde=notes")
    assert nameless.exit_code == 1
    assert "must name the columns" in nameless.stderr
    said = migrated("import", "odd.csv", "--dry-run", "--column", "Kunde=family_first")
    assert said.exit_code == 0, said.output
    again = migrated("import", "odd.csv", "--dry-run", "--report", "report.csv")
    assert "1 customers would come in" in again.stdout
    assert "Karimi Laleh" in (tmp_path / "report.csv").read_text()


def test_a_sheet_without_headings_is_told_by_the_numbers_of_its_columns(
    migrated: Run, tmp_path: Path
) -> None:
    (tmp_path / "bare.csv").write_text("6912345678,x1,Laleh Karimi\n6912345679,x2,Nikos Pappas\n")
    said = migrated("import", "bare.csv", "--column", "3=name", "--column", "1=mobile")
    assert "2 customers came in" in said.stdout, said.output


@pytest.mark.parametrize("said", ["Nothing=mobile", "Who=nonsense", "Who"])
def test_a_column_that_cannot_be_is_refused(migrated: Run, tmp_path: Path, said: str) -> None:
    (tmp_path / "odd.csv").write_text("Who,Phone\nLaleh Karimi,6912345678\n")
    result = migrated("import", "odd.csv", "--column", said)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_every_kind_of_file_comes_in(migrated: Run) -> None:
    for kind in ("xlsx", "ods", "xls", "csv"):
        result = migrated("import", str(SHEETS / f"english.{kind}"), "--dry-run")
        assert "customers would come in" in result.stdout, result.output
    missing = migrated("import", str(SHEETS / "english.xlsx"), "--sheet", "Nowhere")
    assert missing.exit_code == 1
    assert "no sheet with that name" in missing.stderr


def test_a_file_that_is_no_list_of_customers_is_refused(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    result = migrated("import", "other.csv")
    assert result.exit_code == 1
    assert "must name the columns" in result.stderr
    assert migrated("import", "nope.csv").exit_code == 1
    assert migrated("import").exit_code == 2
    assert migrated("import", "other.csv", "--list").exit_code == 2


# -- calls that nobody made --------------------------------------------------------------------


def test_a_recording_is_told_as_changes_without_any_database(run: Run, tmp_path: Path) -> None:
    path = str(RECORDINGS / "queue_ringall.ami")
    result = run("replay", path, "--changes", "--phones", "101,102")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[-1]["kind"] == "row"
    assert lines[-1]["answered_by"] == ["102"]
    assert "events read" in result.stderr
    assert "left out" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_recording_that_is_not_there_is_told(run: Run) -> None:
    for more in ((), ("--changes",)):
        result = run("replay", "nope.ami", *more)
        assert result.exit_code == 1
        assert "nope.ami" in result.stderr
        assert "Traceback" not in result.output


def test_a_file_without_events_is_not_played(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.ami").write_bytes(b"")
    for more in ((), ("--changes",)):
        result = run("replay", "empty.ami", *more)
        assert result.exit_code == 1
        assert "0 events were read" in result.stderr
        assert not result.stdout


def test_without_a_server_a_call_cannot_be_played(run: Run) -> None:
    result = run("simulate", "--from", "0912", "--to", "101")
    assert result.exit_code == 1
    assert "--data" in result.stderr


def test_a_call_that_could_not_be_is_refused_before_anybody_is_asked(run: Run) -> None:
    result = run("simulate", "--from", "0912", "--to", "")
    assert result.exit_code == 1
    assert "to: no phone given" in result.stderr
    result = run("simulate", "--from", "0912", "--to", "101", "--outcome", "eaten")
    assert "outcome: 'eaten' is none of" in result.stderr


# -- doctor ------------------------------------------------------------------------------------


class Office:
    """A PBX on a thread of its own, while the doctor visits."""

    def __init__(self) -> None:
        import asyncio
        import threading
        from datetime import UTC, datetime

        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        pbx = SimulatedPbx(time.time, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        self._server = AmiServer(pbx, Account("screenpop", "right secret"))
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        self._up.wait()

    @property
    def port(self) -> int:
        return self._server.port

    async def _run(self) -> None:
        async with self._server.listening():
            self._up.set()
            await self._stop.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


def pbx_settings(port: int, secret: str) -> str:
    return (
        f'{SETTINGS}\n[[pbx]]\nid = "office"\nport = {port}\n'
        f'username = "screenpop"\nsecret = "{secret}"\n'
    )


def test_the_doctor_finds_a_healthy_house_healthy(migrated: Run, tmp_path: Path) -> None:
    office = Office()
    try:
        (tmp_path / "screenpop.toml").write_text(pbx_settings(office.port, "right secret"))
        result = migrated("doctor")
    finally:
        office.close()
    assert result.exit_code == 0, result.output
    assert "lets us in and tells its calls" in result.stdout


def test_the_doctor_says_what_is_wrong_with_a_pbx(migrated: Run, tmp_path: Path) -> None:
    office = Office()
    try:
        (tmp_path / "screenpop.toml").write_text(pbx_settings(office.port, "wrong secret"))
        result = migrated("doctor")
    finally:
        office.close()
    assert result.exit_code == 1
    assert "does not accept the login screenpop" in result.stderr
    (tmp_path / "screenpop.toml").write_text(pbx_settings(1, "right secret"))
    result = migrated("doctor")
    assert result.exit_code == 1
    assert "nothing listens on port 1" in result.stderr


def test_the_doctor_says_that_no_pbx_is_set(migrated: Run) -> None:
    result = migrated("doctor")
    assert result.exit_code == 0
    assert "no call will be seen" in result.stderr


def test_customers_go_out_one_is_told_and_one_is_erased(migrated: Run) -> None:
    Path("people.csv").write_text(
        "First name,Last name,Mobile,Notes\nLaleh,Karimi,+306912345678,afraid of flying\n"
        "Kaveh,Moradi,+306912345679,\n"
    )
    assert migrated("import", "people.csv").exit_code == 0
    done = migrated("export", "--to", "out.csv", "--query", "karimi")
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["First name"], row["Mobile"]) for row in rows] == [("Laleh", "+30 691 234 5678")]
    assert Path("out.csv").stat().st_mode & 0o077 == 0

    again = migrated("export", "--to", "out.csv")
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert migrated("export", "--to", "out.pdf").exit_code == 2

    kept = migrated("access", rows[0]["Code"])
    assert json.loads(kept.stdout)["person"]["notes"] == "afraid of flying"

    code = rows[0]["Code"]
    wrong = migrated("erase", code, stdin="Kaveh Moradi\n")
    assert wrong.exit_code == 1
    assert "Nobody was erased" in wrong.stderr
    assert migrated("erase", code, stdin="laleh karimi\n").exit_code == 0
    gone = migrated("erase", code, "--yes")
    assert gone.exit_code == 1
    assert "There is no customer" in gone.stderr
    assert migrated("access", code).exit_code == 1
    left = migrated("export", "--to", "all.xlsx")
    assert left.exit_code == 0, left.stderr
    database = Path("data/screenpop.db").read_bytes()
    assert b"Laleh" not in database
    assert b"Kaveh" in database


def test_access_and_erase_take_a_phone_number_and_ask_which_of_several(migrated: Run) -> None:
    Path("people.csv").write_text(
        "First name,Last name,Mobile\nLaleh,Karimi,+306912345678\n"
        "Kaveh,Karimi,+306912345678\nNikos,Pappas,+306912345679\n"
    )
    assert migrated("import", "people.csv").exit_code == 0
    kept = migrated("access", "691 234 5679")
    assert kept.exit_code == 0, kept.stderr
    assert "Pappas" in kept.stdout
    assert migrated("erase", "+306912345679", "--yes").exit_code == 0
    gone = migrated("access", "+306912345679")
    assert gone.exit_code == 1
    assert "No customer has the phone number" in gone.stderr

    asked = migrated("access", "06912345678", stdin="99\n")
    assert asked.exit_code == 1
    assert "Laleh Karimi" in asked.stdout
    assert "Kaveh Karimi" in asked.stdout
    number = next(line.split()[0] for line in asked.stdout.splitlines() if "Kaveh" in line)
    chosen = migrated("access", "6912345678", stdin=f"{number}\n")
    assert chosen.exit_code == 0, chosen.stderr
    assert '"Kaveh"' in chosen.stdout
