"""Files as programs write them, beside what a person expects of each row."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

HERE = Path(__file__).parent
SHEETS = [
    HERE / "sheets" / f"{office}.{kind}"
    for office in ("english", "persian", "greek")
    for kind in ("xlsx", "ods", "xls", "csv")
]
CARDS = sorted((HERE / "cards").glob("*.vcf"))
TODAY = date(2026, 11, 22)


def expected(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is in the JSON file, with what is different in this kind of file."""
    reported = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    kind = file.suffix.removeprefix(".")
    return reported, [row | row.get("instead", {}).get(kind, {}) for row in reported["rows"]]


def import_context(reported: dict[str, Any]) -> ImportContext:
    plan = NumberPlan(Region(reported["region"]), reported["area_code"])
    return ImportContext(plan, TODAY, reported["currency"])
