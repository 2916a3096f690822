"""Both sides of a worker process, with real processes."""

import os
import subprocess
import sys

import pytest

from screenpop.common.worker_main import EXPECTED_FAILURE, NICENESS
from screenpop.common.worker_process import PIPE, start_worker_process

pytestmark = pytest.mark.anyio

ECHO = "json.tool"
"""A module of the standard library that reads its input to the end and writes it as JSON."""


def run_child(
    work: str, *, stdin: int = subprocess.DEVNULL, expected: str = "", before: str = ""
) -> subprocess.CompletedProcess[str]:
    code = f"import os\nfrom screenpop.common.worker_main import *\ndef work():\n    {work}\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", f"{before}\n{code}run_worker(work, ({expected}))"],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


async def test_worker_gets_request_as_one_line_and_its_output_is_read_to_the_end() -> None:
    async with start_worker_process(ECHO) as worker:
        await worker.send({"a": 1})
        worker.close_input()
        lines = [await worker.read_line() for _ in range(4)]
        assert await worker.wait() == 0
    assert lines == [b"{\n", b'    "a": 1\n', b"}\n", b""]


async def test_worker_that_waits_is_gone_after_the_block() -> None:
    async with start_worker_process(ECHO) as worker:
        os.kill(worker.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


async def test_worker_with_grace_time_ends_by_itself_when_its_input_is_closed() -> None:
    async with start_worker_process(ECHO, grace_s=30) as worker:
        await worker.send([])
    assert await worker.wait() == 0


async def test_worker_is_killed_when_the_grace_time_is_over() -> None:
    async with start_worker_process("http.server", grace_s=0.1) as worker:
        pass  # it never reads its input
    assert await worker.wait() < 0


async def test_worker_that_ended_takes_a_request_without_error_and_reports_its_end() -> None:
    async with start_worker_process("screenpop.no_such_module", stderr=PIPE) as worker:
        assert await worker.wait() == 1
        await worker.send({})
        worker.write(b"!")
        assert await worker.read_line() == b""
        assert "No module named screenpop.no_such_module" in await worker.stderr_tail()


async def test_line_longer_than_the_limit_raises_value_error() -> None:
    async with start_worker_process(ECHO, line_limit=1000) as worker:
        await worker.send("x" * 3000)
        worker.close_input()
        with pytest.raises(ValueError, match="limit"):
            await worker.read_line()


def test_child_has_low_priority() -> None:
    wanted = min(os.nice(0) + NICENESS, 19)
    assert run_child("print(os.nice(0))").stdout == f"{wanted}\n"


REFUSE_SETPRIORITY = """
import ctypes, errno, os, struct
NUMBER = {"x86_64": 141, "aarch64": 140}[os.uname().machine]
refused, allowed = 0x50000 | errno.EPERM, 0x7FFF0000
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, NUMBER), (6, 0, 0, refused), (6, 0, 0, allowed)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
filters = struct.pack("HL", len(rules), ctypes.addressof(program))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert libc.prctl(22, 2, filters, 0, 0) == 0  # a filter of system calls
try:
    os.nice(1)
except PermissionError:
    print("refused")
"""
"""As a unit of systemd with ``SystemCallFilter=~@resources`` has it."""


def test_child_works_where_a_lower_priority_is_forbidden() -> None:
    ended = run_child("print('done')", before=REFUSE_SETPRIORITY)
    assert (ended.stdout, ended.stderr) == ("refused\ndone\n", "")


def test_child_that_fails_ends_with_code_1_and_its_traceback() -> None:
    ended = run_child("raise ValueError('no such table')")
    assert ended.returncode == 1
    assert ended.stderr.endswith("ValueError: no such table\n")


def test_child_that_fails_ends_although_it_watches_an_open_input() -> None:
    readable, writable = os.pipe()
    try:
        ended = run_child("exit_with_parent(); raise ValueError('why')", stdin=readable)
    finally:
        os.close(readable)
        os.close(writable)
    assert ended.returncode == 1
    assert ended.stderr.endswith("ValueError: why\n")


def test_child_ends_at_once_when_its_input_is_closed() -> None:
    ended = run_child("import threading; exit_with_parent(); threading.Event().wait()")
    assert ended.returncode == 0


def test_an_expected_error_of_a_worker_is_one_sentence_and_any_other_a_traceback() -> None:
    known = run_child("raise KeyError('the disk is full')", expected="LookupError,")
    assert (known.returncode, known.stderr) == (EXPECTED_FAILURE, "'the disk is full'\n")
    other = run_child("raise ValueError('new')", expected="LookupError,")
    assert other.returncode == 1
    assert "Traceback" in other.stderr
