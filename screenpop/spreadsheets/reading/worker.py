"""The process that opens strangers' files: ``python -m screenpop.spreadsheets.reading.worker``.

Takes one ``ReadRequest`` as a line of JSON and answers with lines of JSON: ``look``, then ``rows``
as often as needed and ``end``, or ``refused``. It has no database, no secrets, and tight limits.
"""

import gc
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from screenpop.spreadsheets.reading.open_file import open_workbook
from screenpop.spreadsheets.reading.sandbox_limits import apply_sandbox_limits, end_opening_limit
from screenpop.spreadsheets.rows.errors import SheetRefusedError

_ROWS_A_LINE = 500


def main() -> None:
    asked = orjson.loads(sys.stdin.buffer.readline())
    apply_sandbox_limits()
    gc.disable()  # rows go as they come, none in a circle; the memory is limited anyway
    try:
        for answer in answers(asked):
            _say(answer)
    except SheetRefusedError as error:
        _say({"refused": error.code, "params": dict(error.params)})
    except (MemoryError, RecursionError):
        _say({"refused": "oversized", "params": {}})
    except Exception:  # noqa: BLE001 -- a parser's own fault is the file's fault to its reader
        _say({"refused": "damaged", "params": {}})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def answers(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Raises ``SheetRefusedError``."""
    book = open_workbook(Path(asked["path"]))
    # What understands rows is loaded only now: what is refused is refused at once.
    from screenpop.spreadsheets.reading import messages
    from screenpop.spreadsheets.rows import sheets

    ask = messages.ReadRequest.from_plain(asked)
    sheet = sheets.select_sheet(book, ask)
    end_opening_limit()
    yield {"look": sheet.look.plain()}
    if ask.only_look:
        return
    if not sheet.look.choice.usable:
        raise SheetRefusedError("no_columns", headings=sheets.HEADINGS_WANTED)
    understood = sheet.understood(ask.house)
    while part := list(islice(understood, _ROWS_A_LINE)):
        yield {"rows": [messages.plain_row(row) for row in part]}
    yield {"end": True}


if __name__ == "__main__":
    main()
