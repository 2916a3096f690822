"""Calls of the log as rows of a sheet."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from screenpop.calls.labels import LabelKind
from screenpop.cards.honorifics import address
from screenpop.customers.models import Gender, Title
from screenpop.spreadsheets.writing.columns import Cell, Column, ExportWords
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.queries import LoggedCall, list_calls
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import format_for_people

PAGE = 500
CALL_COLUMNS = (
    Column("call_day", width=12),
    Column("call_time", width=10),
    Column("call_direction", width=12),
    Column("call_customer", width=9),
    Column("whole_name", width=26),
    Column("call_number", width=20),
    Column("call_line", width=20),
    Column("call_queue", width=14),
    Column("call_agent", width=18),
    Column("call_wait", width=10),
    Column("call_talk", width=10),
    Column("call_outcome", width=16),
    Column("call_purpose", width=16),
    Column("call_disposition", width=16),
    Column("call_card", width=12),
)


async def call_rows(
    database: Database,
    wanted: CallFilter,
    zone: ZoneInfo,
    line_names: Mapping[str, str],
    words: ExportWords,
) -> AsyncGenerator[list[list[Cell]]]:
    """Yield the rows, the newest first, page by page."""
    after: CallCursor | None = None
    while True:
        page = await list_calls(database, wanted, after=after, limit=PAGE)
        yield [_row(call, zone, line_names, words) for call in page.calls]
        after = page.after
        if after is None:
            return


def _row(
    call: LoggedCall, zone: ZoneInfo, line_names: Mapping[str, str], words: ExportWords
) -> list[Cell]:
    at = datetime.fromtimestamp(call.arrived_at, zone)
    hidden = call.withheld or call.caller_kind == CallerIdKind.WITHHELD
    number = format_for_people(E164(call.e164)) if call.e164 else call.caller_raw
    name = ""
    if call.customer is not None:
        title, gender = Title(call.customer_title), Gender(call.customer_gender)
        name = address(call.customer_names, title, gender, words.language)
    purpose, disposition = (
        label.name(words.language) if (label := call.labels.get(kind)) is not None else ""
        for kind in (LabelKind.PURPOSE, LabelKind.AGENT_DISPOSITION)
    )
    return [
        at.date(),
        f"{at:%H:%M:%S}",
        words(f"direction.{call.direction}"),
        call.customer,
        name,
        # A withheld number stays hidden, also where the PBX sent it.
        words("Number withheld") if hidden else number,
        line_names.get(call.did, call.did),
        call.queue,
        call.agent_name,
        None if call.wait_s is None else round(call.wait_s),
        None if call.talk_s is None else round(call.talk_s),
        words(f"disposition.{call.disposition}"),
        purpose,
        disposition,
        "" if call.before_pickup is None else words("Yes" if call.before_pickup else "No"),
    ]
