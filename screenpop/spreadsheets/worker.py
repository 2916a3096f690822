"""The process that opens strangers' files: ``python -m screenpop.spreadsheets.worker``.

Takes one ``Ask`` as a line of JSON and answers with lines of JSON: ``look``, then ``rows`` as often
as needed and ``end``, or ``refused``. It has no database, no secrets, and little of the machine.
"""

import gc
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from screenpop.spreadsheets.limits import limit_this_process, opened_in_time
from screenpop.spreadsheets.opening import open_book
from screenpop.spreadsheets.problems import SheetRefusedError

_ROWS_A_LINE = 500


def main() -> None:
    asked = orjson.loads(sys.stdin.buffer.readline())
    limit_this_process()
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
    book = open_book(Path(asked["path"]))
    # What understands rows is loaded only now: what is refused is refused at once.
    from screenpop.spreadsheets import asking, sheets

    ask = asking.Ask.from_plain(asked)
    sheet = sheets.chosen_sheet(book, ask)
    opened_in_time()
    yield {"look": sheet.look.plain()}
    if ask.only_look:
        return
    if not sheet.look.choice.usable:
        raise SheetRefusedError("no_columns", headings=sheets.HEADINGS_WANTED)
    understood = sheet.understood(ask.house)
    while part := list(islice(understood, _ROWS_A_LINE)):
        yield {"rows": [asking.plain_row(row) for row in part]}
    yield {"end": True}


if __name__ == "__main__":
    main()
