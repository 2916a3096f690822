"""``screenpop lookback``: calls of a file held against a sheet or the customers on file."""

import json
from pathlib import Path

from tests.cli.commands import SETTINGS, Run

HEADING = "calldate,src,dst,dstchannel,disposition,uniqueid\n"
CDR = HEADING + (
    "2026-11-30 09:15:02,6912345678,101,SIP/101-1,ANSWERED,1.1\n"
    "2026-11-30 09:20:02,+306987654321,101,SIP/101-1,NO ANSWER,1.2\n"
    "2026-11-30 09:25:02,6912345679,101,SIP/101-1,ANSWERED,1.3\n"
    "soon,6912345679,101,SIP/101-1,ANSWERED,1.4\n"
)
SHEET = (
    "First name,Last name,Mobile,Tier,Destination,Departure\n"
    "Laleh,Karimi,+306912345678,Gold,Rome,2024-05-02\n"
    "Nikos,Pappas,+306987654321,,,\n"
)


def test_a_sheet_is_enough_and_nothing_of_either_file_is_stored(run: Run, tmp_path: Path) -> None:
    Path("screenpop.toml").write_text(SETTINGS)
    Path("cdr.csv").write_text(CDR)
    Path("people.csv").write_text(SHEET)
    before = sorted(tmp_path.rglob("*"))
    result = run("lookback", "--cdr", "cdr.csv", "--customers", "people.csv")
    assert result.exit_code == 0
    assert "3 calls came in from 2026-11-30 to 2026-11-30" in result.stdout
    assert "67 % (2) would have had a name, of 2 customers." in result.stdout
    assert "1 from gold customers" in result.stdout
    assert "1 lapsed customers called" in result.stdout
    assert "1 calls were missed; 1 of them were never called back." in result.stdout
    assert "1 numbers differ by one digit" in result.stdout
    assert "line 5 is skipped: its time cannot be read" in result.stderr
    assert "Laleh" not in result.output
    assert "69123" not in result.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_sheet_the_customers_on_file_are_used(migrated: Run) -> None:
    Path("cdr.csv").write_text(CDR)
    Path("people.csv").write_text(SHEET)
    assert migrated("import", "people.csv").exit_code == 0
    found = json.loads(migrated("lookback", "--cdr", "cdr.csv", "--json").stdout)
    assert (found["calls"], found["named"], found["lapsed"]) == (3, 2, 1)
    assert found["tiers"] == {"gold": 1}
    assert found["first"] == "2026-11-30"
    assert [one["number"] for one in found["skipped"]] == [5]


def test_each_file_that_is_none_has_its_sentence(run: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS)
    Path("people.csv").write_text(SHEET)
    for content, sentence in {
        b"Wann,Wer\n2026-11-30 09:15:02,6912345678\n": "Wann, Wer. Name the column",
        b"": "The file is empty.",
        b"\x89PNG\0\0\0\r\n" * 50: "no text",
    }.items():
        Path("cdr.csv").write_bytes(content)
        refused = run("lookback", "--cdr", "cdr.csv", "--customers", "people.csv")
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output
        assert sentence in refused.stderr or sentence == "no text", refused.stderr
    Path("cdr.csv").write_text("Wann,Wer\n2026-11-30 09:15:02,6912345678\n")
    chosen = run(
        "lookback", "--cdr", "cdr.csv", "--customers", "people.csv", "--number-column", "2"
    )
    assert "100 % (1) would have had a name" in chosen.stdout
    assert "has no column from which to learn" in chosen.stdout
    for encoding in ("utf-16", "cp1253"):
        Path("cdr.csv").write_bytes(
            ("Ώρα," + CDR.replace("\n", "\nΑ,").rstrip("Α,")).encode(encoding)
        )
        result = run("lookback", "--cdr", "cdr.csv", "--customers", "people.csv")
        assert "3 calls came in" in result.stdout, result.output
    Path("none.csv").write_text("a,b\n1,2\n")
    assert run("lookback", "--cdr", "cdr.csv", "--customers", "none.csv").exit_code == 1
    assert run("lookback", "--cdr", "no.csv", "--customers", "people.csv").exit_code == 1


def test_the_first_twenty_skipped_lines_are_printed(run: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS)
    Path("people.csv").write_text(SHEET)
    for lines, more in ((20, False), (21, True)):
        Path("cdr.csv").write_text(CDR.partition("soon")[0] + "soon,1,1,x,x,9\n" * lines)
        result = run("lookback", "--cdr", "cdr.csv", "--customers", "people.csv")
        assert result.stderr.count("is skipped") == 20
        assert ("1 more lines are skipped" in result.stderr) == more
