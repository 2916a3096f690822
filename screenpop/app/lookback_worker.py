"""The process of one lookback: ``python -m screenpop.app.lookback_worker``.

Reads one ``LookbackRequest`` and writes one line: the figures, or why the files were refused. It
ends with its parent.
"""

import asyncio
from typing import Any

from screenpop.app.lookback import LookbackRequest, run_lookback
from screenpop.audit.cdr import CdrError
from screenpop.common.worker_main import exit_with_parent, read_request, run_worker, write_message
from screenpop.spreadsheets.rows.errors import SheetRefusedError


def _answer(request: LookbackRequest) -> dict[str, Any]:
    try:
        result = asyncio.run(run_lookback(request))
    except CdrError as refused:
        return {"refused": refused.code, "params": {"columns": refused.columns}}
    except SheetRefusedError as refused:
        return {"refused": f"refusal.{refused.code}", "params": dict(refused.params)}
    return {
        "figures": result.figures.plain(),
        "skipped": len(result.skipped),
        "rows_left_out": result.rows_left_out,
    }


def main() -> None:
    request = LookbackRequest.from_plain(read_request())
    exit_with_parent()
    write_message(_answer(request))


if __name__ == "__main__":
    run_worker(main)
