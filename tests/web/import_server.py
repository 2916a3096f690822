"""A desk for imports behind the pages, as small as tests need it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from screenpop.app.import_jobs.service import ImportConfig, ImportJobService, import_job_service
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

SHEETS = Path(__file__).parents[1] / "spreadsheets" / "sheets"
LARGEST = 3_000_000
SMALL = b"""First name,Last name,Mobile,Birthday
Laleh,Karimi,6912345678,1986-08-03
Nikos,<b>Pappas</b>,6912345679,not a day
,,6912345670,
"""
EVIL = "../../etc/<script>alert(1)</script>\u202exslx.csv"


class Opening:
    """Opens the desk for ``running``, and knows it then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.desk: ImportJobService | None = None

    @asynccontextmanager
    async def __call__(self, database: Database) -> AsyncGenerator[ImportJobService]:
        def import_context(currency: str) -> ImportContext:
            return ImportContext(NumberPlan(Region("GR"), "210"), date(2026, 11, 22), currency)

        address = f"sqlite:///{self._folder / 'web.db'}"
        files, lock = self._folder / "imports", self._folder / "import.lock"
        bureau = ImportConfig(
            database, address, files, lock, import_context, lambda: 1_700_000_000.0, LARGEST
        )
        async with import_job_service(bureau) as self.desk:
            yield self.desk

    async def idle(self) -> None:
        """Until no process works for the desk any more."""
        assert self.desk is not None
        await self.desk.idle()
