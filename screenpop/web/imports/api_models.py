"""What the API takes and gives of imports."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ColumnPreviewModel(BaseModel):
    heading: str
    field: str
    confidence: float
    why: str
    samples: list[str]


class SheetPreviewModel(BaseModel):
    """What the file seems to be. ``rows`` is -1 where nobody counted."""

    kind: str
    sheets: list[str]
    sheet: str
    headings_line: int
    rows: int
    columns: list[ColumnPreviewModel]
    day_first: bool
    currency: str


class ProblemModel(BaseModel):
    code: str
    params: dict[str, str | int]


class KeptCustomerModel(BaseModel):
    customer: int
    name: str
    why: list[str]


class ImportModel(BaseModel):
    """One import as it is now."""

    id: str
    filename: str
    stage: str = Field(
        description="seen, checking, checked, importing, imported, undoing, undone, refused"
    )
    busy: bool
    phase: str
    seen: SheetPreviewModel | None
    counts: dict[str, int]
    total: int
    cancelled: bool
    batch: int
    problem: ProblemModel | None
    gone: int
    restored: int
    kept: list[KeptCustomerModel]
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


class ReportRowModel(BaseModel):
    """What becomes of one row; ``code`` says what is wrong with it."""

    line: int
    what: str
    who: str
    column: str
    value: str
    code: str
    of_line: int
    customer: int
    added: list[str]
    differs: list[str]
    shares_line: int
    shares_with: int


class ReportModel(BaseModel):
    rows: list[ReportRowModel]
    next_cursor: int | None


class ColumnsModel(BaseModel):
    """The sheet and what each of its columns is; what is left out stays as it was proposed."""

    model_config = ConfigDict(extra="forbid")

    sheet: str | None = Field(default=None, max_length=200)
    fields: list[Annotated[str, Field(max_length=40)]] | None = Field(default=None, max_length=600)
    day_first: bool | None = None
    currency: str = Field(default="", pattern="^([A-Z]{3})?$")


class UndoOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    force: bool = False
    """Also customers who were changed since."""
