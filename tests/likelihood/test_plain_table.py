import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from screenpop.cli import cli
from screenpop.likelihood.plain_table import MAX_PROBLEMS, TableRefusedError, parse_table

ROWS = "2{d}30.5{d}38.9\n0{d}0{d}38.9\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "heading", ["frequency,recency,T", "FREQUENCY,Recency,t", "x,t_x,T", "X,T_X,T", "x,t.x,t"]
)
def test_names_in_any_case_and_every_delimiter_are_read(heading: str, delimiter: str) -> None:
    text = f"{heading.replace(',', delimiter)}\n{ROWS.format(d=delimiter)}"
    table = parse_table(text.encode())
    assert table.frequency.tolist() == [2, 0]
    assert table.recency.tolist() == [30.5, 0]
    assert table.age.tolist() == [38.9, 38.9]


def test_other_columns_empty_lines_a_mark_of_utf8_and_another_order_do_not_matter() -> None:
    text = "\ufeffID,T,t_x,x,name\r\n\r\n1,38.9,30.5,2,Νίκος\r\n2,38.9,0,0,\r\n"
    table = parse_table(text.encode())
    assert table.frequency.tolist() == [2, 0]
    assert table.recency.tolist() == [30.5, 0]


def test_a_decimal_comma_is_read_where_commas_do_not_part_cells() -> None:
    table = parse_table(b"x;t_x;T\n2;30,5;38,9\n")
    assert table.recency.tolist() == [30.5]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty", "frequency, recency, T"]),
        ("\n \n", ["empty"]),
        ("frequency,recency,T\n", ["no customers"]),
        ("frequency,T\n1,2\n", ["line 1", "column recency", "missing"]),
        ("1,2,3\n1,2,3\n", ["line 1", "column frequency", "missing"]),
        ("x,frequency,t_x,T\n1,1,1,2\n", ["column frequency", "'frequency'", "twice"]),
        ("x,t_x,T\n1,1,2\n1,-1,2\n", ["line 3", "column recency", "'-1'", "negative"]),
        ("x,t_x,T\n1,1,-2\n", ["line 2", "column T", "'-2'", "negative"]),
        ("x,t_x,T\n-1,1,2\n", ["line 2", "column frequency", "'-1'", "negative"]),
        ("x,t_x,T\n1,3,2\n", ["line 2", "column recency", "'3'", "more than T (2)"]),
        ("x,t_x,T\n1.5,1,2\n", ["line 2", "column frequency", "'1.5'", "whole number"]),
        ("x,t_x,T\n1,NaN,2\n", ["line 2", "column recency", "'NaN'", "no number"]),
        ("x,t_x,T\n1,1,inf\n", ["line 2", "column T", "'inf'", "no number"]),
        ("x,t_x,T\n1,1e999,2\n", ["column recency", "'1e999'", "no number"]),
        ("x,t_x,T\n1_0,1,2\n", ["column frequency", "'1_0'", "no number"]),
        ("x,t_x,T\n1e10,1,2\n", ["column frequency", "'1e10'", "too large"]),
        ("x,t_x,T\n1,,2\n", ["line 2", "column recency", "''", "is empty"]),
        ("x,t_x,T\n1,1\n", ["line 2", "column T", "is empty"]),
        ("x,t_x,T\n1,0,0\n", ["line 2", "column T", "'0'", "repeat purchase"]),
        ("x,t_x,T\n0,0,0\n", ["column T", "all times are 0"]),
        ('x,t_x,T\n"1,1,2\n', ["line 2", "column recency", "is empty"]),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_line_column_value_and_remedy(
    text: str, parts: list[str]
) -> None:
    with pytest.raises(TableRefusedError) as refused:
        parse_table(text.encode())
    for part in parts:
        assert part in str(refused.value)


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(TableRefusedError, match=r"line 2.*0xff.*UTF-8"):
        parse_table(b"x,t_x,T\n\xff,1,2\n")


@pytest.mark.parametrize(("wrong", "more"), [(MAX_PROBLEMS, False), (MAX_PROBLEMS + 1, True)])
def test_all_problems_are_listed_up_to_a_limit(wrong: int, more: bool) -> None:
    with pytest.raises(TableRefusedError) as refused:
        parse_table(b"x,t_x,T\n" + b"1,-1,2\n" * wrong)
    assert len(refused.value.problems) == MAX_PROBLEMS
    assert ("and 1 more" in str(refused.value)) is more


@given(st.binary(max_size=200) | st.text(alphabet="xTt_,;.\t|0123456789-enaf\n\"'", max_size=200))
def test_any_bytes_are_a_table_or_refused(data: bytes | str) -> None:
    whole = data if isinstance(data, bytes) else f"x,t_x,T\n{data}".encode()
    try:
        table = parse_table(whole)
    except TableRefusedError:
        return
    assert (table.recency <= table.age).all()
    assert (table.frequency >= 0).all()


def test_the_command_refuses_a_table_in_one_line_a_problem_and_without_figures(
    tmp_path: Path,
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("x,t_x,T\n1,5,2\n1,-1,2\n")
    done = CliRunner().invoke(cli, ["score", "--table", str(file)])
    assert done.exit_code == 1
    assert "line 2, column recency: '5'" in done.stderr
    assert "line 3, column recency: '-1'" in done.stderr
    assert done.stdout == ""
    missing = CliRunner().invoke(cli, ["score", "--table", str(tmp_path / "none.csv")])
    assert missing.exit_code == 1
    assert "There is no file" in missing.stderr


@pytest.mark.slow
def test_the_server_and_the_command_line_do_not_import_scipy() -> None:
    code = (
        "import sys, screenpop.app.server, screenpop.cli;"
        "heavy = {'numpy', 'scipy', 'screenpop.likelihood'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
