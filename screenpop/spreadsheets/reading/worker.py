"""The process that opens untrusted files: ``python -m screenpop.spreadsheets.reading.worker``.

Reads one ``ReadRequest`` as a line of JSON and answers with lines of JSON: ``look``, then ``rows``
as often as needed and ``end``, or ``refused``. It has no database, no secrets, and tight limits.
"""

import gc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from screenpop.common.worker_main import read_request, run_worker, write_message
from screenpop.spreadsheets.reading.open_file import open_workbook
from screenpop.spreadsheets.reading.sandbox_limits import apply_sandbox_limits, end_opening_limit
from screenpop.spreadsheets.rows.errors import SheetRefusedError

_ROWS_A_LINE = 500


def main() -> None:
    request = read_request()
    apply_sandbox_limits()
    gc.disable()  # rows are freed as they are sent, without cycles; memory is limited anyway
    try:
        for answer in answers(request):
            write_message(answer)
    except SheetRefusedError as error:
        write_message({"refused": error.code, "params": dict(error.params)})
    except (MemoryError, RecursionError):
        write_message({"refused": "oversized", "params": {}})
    except Exception:  # noqa: BLE001 -- a parser's own fault is the file's fault to its reader
        write_message({"refused": "damaged", "params": {}})


def answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the answers to a request. Raises ``SheetRefusedError``."""
    book = open_workbook(Path(request["path"]))
    # The row parser is imported only now, so that a refusal comes at once.
    from screenpop.spreadsheets.reading import messages
    from screenpop.spreadsheets.rows import sheets

    ask = messages.ReadRequest.from_plain(request)
    sheet = sheets.select_sheet(book, ask)
    end_opening_limit()
    yield {"look": sheet.look.plain()}
    if ask.only_look:
        return
    if not sheet.look.choice.usable:
        raise SheetRefusedError("no_columns", headings=sheets.HEADINGS_WANTED)
    understood = sheet.understood(ask.context)
    while part := list(islice(understood, _ROWS_A_LINE)):
        yield {"rows": [messages.plain_row(row) for row in part]}
    yield {"end": True}


if __name__ == "__main__":
    run_worker(main)
