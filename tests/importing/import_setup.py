"""An office with a data folder, and sheets to bring in."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from screenpop.importing.lock import LOCK_FILE
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

SHEETS = Path(__file__).parents[1] / "spreadsheets" / "sheets"
ATHENS = ImportContext(NumberPlan(Region("GR"), "210"), date(2026, 11, 22), "EUR")
SMALL = """First name,Last name,Mobile,Birthday
Laleh,Karimi,6912345678,1986-08-03
Nikos,Pappas,6912345679,not a day
,,6912345670,
Laleh,Karimi,6912345678,1986-08-03
"""


@dataclass(frozen=True)
class Office:
    folder: Path
    database: Database

    @property
    def lock(self) -> Path:
        return self.folder / LOCK_FILE

    @property
    def report(self) -> Path:
        folder = self.folder / "report"
        folder.mkdir(exist_ok=True)
        return folder

    def sheet(self, text: str, name: str = "people.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def ask(self, work: ImportTask, path: Path | None = None, **more: object) -> ImportRequest:
        return ImportRequest(
            work,
            f"sqlite:///{self.folder / 'screenpop.db'}",
            str(self.lock),
            str(self.report),
            ReadRequest(str(path), ATHENS, only_look=False) if path else None,
            path.name if path else "",
            **more,  # type: ignore[arg-type]
        )


def many(count: int) -> str:
    """A sheet of so many people."""
    rows = [f"Person,Number{n},69{n:08d}" for n in range(count)]
    return "\n".join(["First name,Last name,Mobile", *rows, ""])
