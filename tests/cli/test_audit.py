"""``screenpop audit``: the call log held against the PBX's files, and missed calls filled in."""

import json
from pathlib import Path

from tests.cli.commands import SETTINGS, Run

PBX = '[[pbx]]\nid = "office"\nhost = "127.0.0.1"\nusername = "screenpop"\nsecret = "a-secret"\n'
LOG = """\
1700000010|1700000009.1|sales|NONE|ENTERQUEUE||00306912345678|1
1700000021|1700000009.1|sales|PJSIP/101|CONNECT|11|1700000012.3|3
1700000081|1700000009.1|sales|PJSIP/101|COMPLETECALLER|11|60|1
not a line of a queue_log
1700000100|1700000099.1|sales|NONE|ENTERQUEUE||+989123456789|1
1700000107|1700000099.1|sales|NONE|ABANDON|1|1|7
1700000200|1700000199.1|sales|NONE|ENTERQUEUE|||1
"""


def test_calls_that_our_log_missed_are_listed_filled_in_and_equal_after_that(migrated: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS + PBX)
    Path("queue_log").write_text(LOG)
    Path("people.csv").write_text("First name,Last name,Mobile\nLaleh,Karimi,+306912345678\n")
    assert migrated("import", "people.csv").exit_code == 0

    first = migrated("audit", "--queue-log", "queue_log")
    assert first.exit_code == 1
    assert first.stdout.count("Our log has no call of that hour") == 3
    assert "3 calls, 0 of them in our log, 3 differences, 1 lines skipped" in first.stdout
    assert "line 4 is skipped" in first.stderr

    filled = migrated("audit", "--queue-log", "queue_log", "--fill", "--json")
    [result] = json.loads(filled.stdout)
    assert result["filled"] == 2  # the third still waits at the end of the file
    assert filled.exit_code == 1
    again = migrated("audit", "--queue-log", "queue_log", "--json")
    [result] = json.loads(again.stdout)
    assert result["compared"] == 2
    assert [one["call"] for one in result["differences"]] == ["1700000199.1"]


def test_what_is_missing_or_unknown_is_one_sentence_with_the_remedy(migrated: Run) -> None:
    nothing = migrated("audit")
    assert nothing.exit_code == 2
    assert "--queue-log FILE, --cdr FILE" in nothing.stderr
    Path("people.csv").write_text("Name,Phone\nAli,0912\n")
    assert migrated("audit", "--cdr", "people.csv").exit_code == 2  # no PBX in the settings
    Path("screenpop.toml").write_text(SETTINGS + PBX)
    wrong = migrated("audit", "--cdr", "people.csv")
    assert wrong.exit_code == 1
    assert "missing start, uniqueid" in wrong.stderr
    assert migrated("audit", "--queue-log", "nowhere").exit_code == 1
    assert migrated("audit", "--cdr", "people.csv", "--pbx", "other").exit_code == 2


def test_a_cdr_is_compared_by_linkedid(migrated: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS + PBX)
    Path("cdr.csv").write_text(
        "calldate,src,dst,duration,disposition,uniqueid,linkedid\n"
        "2026-11-30 09:15:02,0912,700,60,ANSWERED,1.1,1.1\n"
        "2026-11-30 09:15:09,0912,101,50,ANSWERED,1.9,1.1\n"
    )
    found = migrated("audit", "--cdr", "cdr.csv", "--json")
    [result] = json.loads(found.stdout)
    assert (result["calls"], result["compared"]) == (1, 0)
    assert [one["theirs"] for one in result["differences"]] == ["0912 → 700"]


def test_the_first_twenty_skipped_lines_are_printed(migrated: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS + PBX)
    for lines, more in ((20, False), (21, True)):
        Path("queue_log").write_text("wrong\n" * lines)
        done = migrated("audit", "--queue-log", "queue_log")
        assert done.exit_code == 0
        assert done.stderr.count("is skipped") == 20
        assert ("1 more lines are skipped" in done.stderr) is more


def test_file_in_another_zone_is_refused_until_its_zone_is_named(migrated: Run) -> None:
    Path("screenpop.toml").write_text(SETTINGS + PBX)
    Path("cdr.csv").write_text(
        "calldate,src,dst,duration,disposition,uniqueid,linkedid\n"
        "2026-11-30 01:45:02,0912,700,60,ANSWERED,1796017502.1,1796017502.1\n"
    )
    refused = migrated("audit", "--cdr", "cdr.csv", "--times-in", "Asia/Tehran")
    assert refused.exit_code == 1
    assert "--times-in UTC" in " ".join(refused.stderr.split())
    named = migrated("audit", "--cdr", "cdr.csv", "--times-in", "Etc/GMT+4", "--json")
    [result] = json.loads(named.stdout)
    assert [one["at"] for one in result["differences"]] == [1796017502.0]
    for name in ("Mars/Olympus", "../etc/passwd", "/etc/passwd", "\0"):
        unknown = migrated("audit", "--cdr", "cdr.csv", "--times-in", name)
        assert unknown.exit_code == 2
        assert "no time zone" in " ".join(unknown.stderr.split())
