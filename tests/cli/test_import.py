"""``screenpop import``: sheets with good and bad rows, columns, undo."""

import csv
import re
from pathlib import Path

import pytest
import xlsxwriter

from tests.cli.commands import Run

SHEETS = Path(__file__).parents[1] / "spreadsheets" / "sheets"
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
    assert "1 × Write a first or a last name." in result.stderr
    assert re.search(r"line 3, birthday: 'not a day': comes in.*1986-08-03", result.stderr)
    assert re.search(r"line 4, last name: left out. Write a first or a last name", result.stderr)


def test_importing_twice_adds_no_customer_twice(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(SHEET)
    migrated("import", "customers.csv")
    result = migrated("import", "customers.csv")
    assert "0 customers came in" in result.stdout
    assert "2 were there already" in result.stdout


def test_a_dry_run_reports_everything_and_changes_nothing(migrated: Run, tmp_path: Path) -> None:
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


def test_a_column_is_what_the_user_chose_and_that_is_remembered(
    migrated: Run, tmp_path: Path
) -> None:
    (tmp_path / "odd.csv").write_text("Kunde,Telephone\nLaleh Karimi,6912345678\n")
    nameless = migrated("import", "odd.csv", "--dry-run", "--column", "kunde=notes")
    assert nameless.exit_code == 1
    assert "must name the columns" in nameless.stderr
    printed = migrated("import", "odd.csv", "--dry-run", "--column", "Kunde=family_first")
    assert printed.exit_code == 0, printed.output
    again = migrated("import", "odd.csv", "--dry-run", "--report", "report.csv")
    assert "1 customers would come in" in again.stdout
    assert "Karimi Laleh" in (tmp_path / "report.csv").read_text()


def test_a_sheet_without_headings_is_described_by_the_numbers_of_its_columns(
    migrated: Run, tmp_path: Path
) -> None:
    (tmp_path / "bare.csv").write_text("6912345678,x1,Laleh Karimi\n6912345679,x2,Nikos Pappas\n")
    printed = migrated("import", "bare.csv", "--column", "3=name", "--column", "1=mobile")
    assert "2 customers came in" in printed.stdout, printed.output


@pytest.mark.parametrize("printed", ["Nothing=mobile", "Who=nonsense", "Who"])
def test_a_column_that_cannot_be_is_refused(migrated: Run, tmp_path: Path, printed: str) -> None:
    (tmp_path / "odd.csv").write_text("Who,Phone\nLaleh Karimi,6912345678\n")
    result = migrated("import", "odd.csv", "--column", printed)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.slow
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


def test_the_sheet_the_mapping_and_what_is_not_imported_are_printed(
    migrated: Run, tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        for name in ("Clients", "Trips 2025"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Name", "Mob", "Ticket No"] if name == "Clients" else ["x"])
            sheet.write_row(1, 0, ["Laleh Karimi", "691 234 5678", "533380001"])

    result = migrated("import", "book.xlsx", "--dry-run")

    printed = " ".join(result.stderr.split())
    assert "Reading the sheet “Clients”. Also in the file: “Trips 2025”" in printed
    assert "The headings are in line 1." in printed
    assert "Columns: “Name” is name, “Mob” is mobile." in printed
    assert "Not imported: “Ticket No”." in printed
    assert "line 1, Ticket No: This column is not imported." in printed


def test_a_named_line_of_headings_is_used_and_remembered(migrated: Run, tmp_path: Path) -> None:
    text = "Name,Phone\nWer,Womit\nLaleh Karimi,691 234 5678\n"
    (tmp_path / "first.csv").write_text(text)
    options = ("--heading-line", "2", "--column", "Wer=name", "--column", "Womit=mobile")
    result = migrated("import", "first.csv", *options)
    assert result.exit_code == 0, result.output
    assert "The headings are in line 2." in result.stderr
    assert "1 customers came in" in result.stdout
    (tmp_path / "next.csv").write_text(text.replace("Laleh", "Sara").replace("5678", "5679"))
    again = migrated("import", "next.csv")
    assert "The headings are in line 2." in again.stderr
    assert "“Wer” is name" in again.stderr
    assert "1 customers came in" in again.stdout


def test_a_line_that_cannot_be_the_heading_is_one_sentence(migrated: Run, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text("Name,Phone\nLaleh Karimi,691 234 5678\n")
    result = migrated("import", "first.csv", "--heading-line", "7")
    assert result.exit_code == 1
    assert "Line 7 cannot be the line of the headings" in result.stderr


def test_another_sheet_is_named_and_comes_in_by_its_option(migrated: Run, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        people, trips = book.add_worksheet("People"), book.add_worksheet("Trips")
        people.write_row(0, 0, ["Code", "Name", "Mobile"])
        people.write_row(1, 0, ["A7", "Laleh Karimi", "6912345678"])
        trips.write_row(0, 0, ["Code", "Destination", "Departure"])
        trips.write_row(1, 0, ["A7", "Rome", "2026-12-01"])
        trips.write_row(2, 0, ["B8", "Oslo", "2026-12-01"])
    named = migrated("import", "book.xlsx", "--dry-run")
    assert "“Trips” (2 rows) has trips: --with-sheet 'Trips' imports them too" in named.stderr
    result = migrated("import", "book.xlsx", "--with-sheet", "Trips")
    assert result.exit_code == 3, result.output
    assert "1 customers came in" in result.stdout
    assert "sheet Trips, line 3, Code: 'B8': left out." in result.stderr


def test_a_column_becomes_an_own_field_that_the_next_import_knows(migrated: Run) -> None:
    Path("one.csv").write_text(
        "Name,Mobile,Badge colour\nLaleh Karimi,+306912345678,Blue\n"
        "Nikos Pappas,+306912345679,Blue\n"
    )
    made = migrated("import", "one.csv", "--column", "Badge colour=own")
    assert made.exit_code == 0, made.stderr
    assert "“Badge colour” is own:1" in made.stderr
    Path("two.csv").write_text("Name,Mobile,Badge colour\nSara Moradi,+306912345677,Blue\n")
    again = migrated("import", "two.csv")
    assert "“Badge colour” is own:1" in again.stderr
    wrong = migrated("import", "two.csv", "--column", "Badge colour=own:Nothing")
    assert wrong.exit_code == 2
    assert "there is no own field" in wrong.stderr

    assert migrated("export", "--to", "out.csv").exit_code == 0
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["Badge colour"] for row in rows] == ["Blue"] * 3
