"""The log elsewhere than on a terminal: one JSON object a line, whatever is in it."""

import json
import subprocess
import sys

import pytest

SCRIPT = r"""
import logging, sys
import structlog
from screenpop.cli.logging_setup import configure_logging

configure_logging("info", sys.argv[1])
log = structlog.get_logger("screenpop.example")
log.info("plain", pbx="office", call="1700000000.1")
log.warning("forged\n{\"event\": \"x\"}\r\x1b[2J", phone="1\n2\u2028")
logging.getLogger("library").warning("of a library: %s", "a\nb")
logging.getLogger("uvicorn.access").info("not logged")
log.debug("not logged")
try:
    raise ValueError("broken\nin two")
except ValueError:
    log.exception("failed", card="office~1~2")
"""


def logged(shape: str) -> list[str]:
    # In a process of its own: the log of this one is that of the tests.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, shape], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.split("\n")[:-1]


@pytest.mark.parametrize("shape", ["json", "auto"])
def test_each_line_is_an_object_with_time_level_and_event(shape: str) -> None:
    lines = [json.loads(line) for line in logged(shape)]
    assert [line["event"] for line in lines] == [
        "plain",
        'forged?{"event": "x"}??[2J',
        "of a library: a?b",
        "failed",
    ]
    for line in lines:
        assert {"event", "level", "timestamp"} <= set(line)
        assert line["timestamp"].endswith("Z")
    assert (lines[0]["pbx"], lines[0]["call"]) == ("office", "1700000000.1")
    assert "broken\n| in two" in lines[3]["exception"]


def test_readable_text_has_no_braces() -> None:
    assert "plain" in logged("human")[0]
    assert not logged("human")[0].startswith("{")
