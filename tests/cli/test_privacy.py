"""``screenpop export``, ``access`` and ``erase``."""

import csv
import json
from pathlib import Path

from tests.cli.commands import Run


def test_customers_are_exported_one_is_reported_and_one_is_erased(migrated: Run) -> None:
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

    kept = migrated("access", rows[0]["Screenpop number"])
    assert json.loads(kept.stdout)["person"]["notes"] == "afraid of flying"

    code = rows[0]["Screenpop number"]
    wrong = migrated("erase", code, stdin="Kaveh Moradi\n")
    assert wrong.exit_code == 1
    assert "No customer was erased" in wrong.stderr
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
