"""Request and response bodies of the import API."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from screenpop.customers.import_columns import SheetPreview
from screenpop.customers.import_report import ImportTotals, KeptCustomerReport, ReportRow
from screenpop.web.imports.port import Problem


class ImportModel(BaseModel):
    """The current state of one import."""

    id: str
    filename: str
    stage: str = Field(
        description="seen, checking, checked, importing, imported, undoing, undone, refused"
    )
    busy: bool
    phase: str
    seen: SheetPreview | None
    counts: ImportTotals
    total: int
    cancelled: bool
    batch: int
    problem: Problem | None
    gone: int
    restored: int
    kept: list[KeptCustomerReport]
    kept_count: int


class ImportBatchModel(BaseModel):
    id: int
    filename: str
    imported_at: float
    state: str
    rows: int
    refused: int
    added: int
    changed: int
    trips: int
    undone_at: float | None
    can_be_undone: bool


class ImportBatchListModel(BaseModel):
    imports: list[ImportBatchModel]


class ReportModel(BaseModel):
    rows: list[ReportRow]
    next_cursor: int | None


class ColumnsModel(BaseModel):
    """The sheet and the field of each column. Whatever is omitted stays as proposed."""

    model_config = ConfigDict(extra="forbid")

    sheet: str | None = Field(default=None, max_length=200)
    headings_line: int | None = Field(
        default=None, ge=0, le=1_000_000, description="The line of the headings; 0: there are none."
    )
    fields: list[Annotated[str, Field(max_length=40)]] | None = Field(
        default=None,
        max_length=600,
        description="`own:7` is the own field with this id; `own_new` makes one (administrators).",
    )
    day_first: bool | None = None
    days: list[Literal["", "jalali", "day_first", "month_first"]] | None = Field(
        default=None,
        max_length=600,
        description="How the days of each column are read where their text leaves it open.",
    )
    hidden_rows: Literal["take", "leave"] = "take"
    """Rows that are hidden in the sheet; `hidden_rows` of the answer is their number."""
    currency: str = Field(default="", pattern="^([A-Z]{3})?$")
    joined: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list,
        max_length=20,
        description="Other sheets of the file whose rows come in too, joined to their customers.",
    )


class UndoOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    force: bool = False
    """Also remove customers who were changed after the import."""
