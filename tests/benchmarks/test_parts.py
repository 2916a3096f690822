"""The smaller parts of a run: what one core carries, kept connections, a bare import."""

import re
from argparse import ArgumentTypeError
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from benchmarks import keep_alive
from benchmarks.__main__ import _parts
from benchmarks.agents import create_agents
from benchmarks.bare_import import bare_import
from benchmarks.capacity import BACKLOG_S, Capacity, Carried
from benchmarks.keep_alive import PATHS, AnswerError, answers_on_keep_alive_connections
from benchmarks.parts import PARTS
from benchmarks.pbx import Pbx
from benchmarks.run_plan import FULL, SHORT
from benchmarks.servers import product
from benchmarks.sheet import last_number, write_sheet
from screenpop.store.engine.database import migrate


def carried(rate: int, last_p50_s: float) -> Carried:
    return Carried(rate, 60, 0.001, last_p50_s)


def test_one_core_carries_the_highest_rate_below_the_first_that_left_a_backlog() -> None:
    assert Capacity((carried(200, 0.01), carried(400, BACKLOG_S))).rate == 400
    assert Capacity((carried(400, BACKLOG_S + 0.001), carried(200, 0.01))).rate == 200
    assert Capacity((carried(200, 1.0), carried(400, 0.01))).rate == 0
    assert Capacity(()).rate == 0


def test_a_bare_import_brings_each_row_into_the_tables_of_the_product(tmp_path: Path) -> None:
    file = tmp_path / "screenpop.db"
    migrate(f"sqlite:///{file}")
    write_sheet(tmp_path / "sheet.csv", 1_001)

    assert bare_import(file, tmp_path / "sheet.csv") > 0

    with closing(connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (1_001,)
        last = connection.execute("SELECT e164 FROM customer_phones ORDER BY id DESC").fetchone()
        assert last == (last_number(1_001),)


def test_each_page_is_answered_on_one_connection_and_a_refused_one_is_no_figure(
    pbx: Pbx, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [login] = create_agents(database, 1)
    with product(pbx.port, database.parent) as server:
        found = answers_on_keep_alive_connections(server, login, 3)
        assert {what: t.calls for what, t in found.answers.items()} == dict.fromkeys(PATHS, 3)
        assert all(found.quick_s[what] <= took.p50 for what, took in found.answers.items())
        monkeypatch.setattr(keep_alive, "PATHS", {"nowhere": "/nowhere"})
        with pytest.raises(AnswerError, match=re.escape("/nowhere: 404")):
            answers_on_keep_alive_connections(server, login, 3)


def test_the_long_form_measures_every_part_and_the_short_one_some() -> None:
    assert set(FULL.parts) == set(PARTS)
    assert set(SHORT.parts) < set(PARTS)


def test_some_parts_are_chosen_by_name_and_an_unknown_one_is_refused() -> None:
    assert _parts("pages, ladder") == ("pages", "ladder")
    for text in ("", "pages,nothing"):
        with pytest.raises(ArgumentTypeError, match="choose from reading"):
            _parts(text)
