"""No log record holds a number, and no text in one makes another record."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.cli.log_cleaning import OwnOrWarning, clean_record, clean_text
from screenpop.cli.logging_setup import log_formatter
from tests.hostile_texts import TEXTS


@pytest.mark.defends("logs-without-names")
def test_a_number_of_seven_digits_is_masked_and_ids_days_and_shorter_ones_are_not() -> None:
    for text, cleaned in (
        ("+989123456789", "…89"),
        ("call 1234567", "call …67"),
        ("call 123456", "call 123456"),
        ("۰۹۱۲۳۴۵۶۷۸۹", "…۸۹"),
        ("0912 345 6789 rang", "…89 rang"),
        ("12 34 56", "12 34 56"),
        ("123-45-67", "…67"),
        ("4111 1111 1111 1111", "…11"),
        ("KeyError('09123456789')", "KeyError('…89')"),
        ("call lab/1795300000/1795300000.12", "call lab/1795300000/1795300000.12"),
        ("on 2026-11-30 12:00:00", "on 2026-11-30 12:00:00"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("a\r\nb\x1b[31m\u202e", "a??b?[31m?"),
    ):
        assert clean_text(text) == cleaned


def record_of(text: str) -> logging.LogRecord:
    problem = ValueError(text)
    exception = (ValueError, problem, None)
    return logging.LogRecord("screenpop.x", logging.ERROR, __file__, 1, "%s", (text,), exception)


@pytest.mark.defends("logs-without-names")
def test_hostile_texts_forge_no_record_for_people_or_programs() -> None:
    for text in TEXTS.values():
        lines = log_formatter(is_human=False).format(record_of(text)).splitlines()
        assert len(lines) == 1
        assert json.loads(lines[0])["level"] == "error"
        assert lines[0].isascii()
        first, *more = log_formatter(is_human=True).format(record_of(text)).splitlines()
        assert " [error    ] " in first
        assert all(line.startswith("| ") for line in more)
        assert not set("".join([first, *more])) & set("\x1b\r\u202e\u2028\0\x85")


def test_ids_that_a_record_has_beside_its_text_are_fields_of_the_line() -> None:
    record = record_of("failed")
    record.pbx, record.call, record.name_of_caller = "office", "1795315000.7", "Zarringol"
    line = json.loads(log_formatter(is_human=False).format(record))
    assert (line["pbx"], line["call"]) == ("office", "1795315000.7")
    assert "Zarringol" not in str(line)


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.binary(), st.none())))
def test_any_record_becomes_one_line_of_json(values: dict[str, object]) -> None:
    cleaned = clean_record(None, "", dict(values))
    assert len(json.dumps(dict(cleaned)).splitlines()) == 1


def test_records_of_libraries_below_a_warning_are_dropped() -> None:
    kept = [
        OwnOrWarning().filter(logging.LogRecord(name, level, "", 1, "", (), None))
        for name in ("screenpop.ami", "screenpop", "screenpopular", "websockets.server")
        for level in (logging.DEBUG, logging.WARNING)
    ]
    assert kept == [True, True, True, True, False, True, False, True]
