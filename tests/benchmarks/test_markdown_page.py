"""A run renews what it measured on the page, and nothing else."""

from pathlib import Path

import pytest

from benchmarks.markdown_page import NoPlaceError, put_into
from benchmarks.tables import Table

PAGE = """# Speed

Words above.

<!-- figures -->
old head

### The budget

|  | measured |
| --- | ---: |
| one | 1 |
| two | 2 |

### Reading

| reader | speed |
| --- | ---: |
| a | 10 |
| b | 20 |
<!-- end of figures -->

Words below.
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_a_whole_run_replaces_all_tables_and_no_word_around_them(page: Path) -> None:
    put_into(page, "new head", [Table("Cost", ("rate", "cpu"), (("50", "1 ms"),))], whole=True)
    text = page.read_text()
    assert "old head" not in text
    assert "Reading" not in text
    assert "new head\n\n### Cost\n\n| rate | cpu |\n| --- | ---: |\n| 50 | 1 ms |\n<!--" in text
    assert text.startswith("# Speed\n\nWords above.")
    assert text.endswith("Words below.\n")


def test_some_parts_replace_their_tables_and_their_rows_of_shared_ones(page: Path) -> None:
    made = [
        Table("The budget", ("", "measured"), (("two", "2.5"), ("three", "3"))),
        Table("Reading", ("reader", "speed"), (("c", "30"),)),
        Table("Cost", ("rate", "cpu"), (("50", "1 ms"),)),
    ]
    put_into(page, "new head", made, whole=False)
    text = page.read_text()
    assert "old head" in text
    assert "| one | 1 |\n| two | 2.5 |\n| three | 3 |\n" in text
    assert "| c | 30 |" in text
    assert "| a | 10 |" not in text
    assert text.index("### Reading") < text.index("### Cost")
    assert text.count("by itself: new head") == 3


def test_a_second_run_of_the_same_parts_changes_nothing_more(page: Path) -> None:
    made = [Table("Reading", ("reader", "speed"), (("c", "30"),))]
    put_into(page, "new head", made, whole=False)
    once = page.read_text()
    put_into(page, "new head", made, whole=False)
    assert page.read_text() == once


def test_a_page_without_a_place_for_figures_is_left_as_it_is(page: Path) -> None:
    page.write_text("<!-- figures --> and no end")
    with pytest.raises(NoPlaceError, match="no marks"):
        put_into(page, "head", [], whole=True)
    assert page.read_text() == "<!-- figures --> and no end"
