"""``make test-faults``: the tests of this folder, then the figures of docs/testing.md.

    python -m tests.faults --short             # the tests not marked long
    python -m tests.faults --figures [NAME...] # the figures only: all, or those named
    python -m tests.faults --redis [NAME...]   # the tests of Redis only, with each server of Debian

A figure is printed by a command of its own, at the lowest priority, one after the other.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from tests.again import play
from tests.tools import REDIS_ASKED, REDIS_KINDS

FIGURES = {
    "disconnects": ("disconnects", "--disconnects", "10000"),
    "kills": ("kills", "--kills", "200"),
    "database": ("database_faults",),
    "calls": ("many_calls", "--calls", "100000"),
    "flood": ("ami_flood", "--seconds", "10"),
    "endless": ("endless_calls", "--calls", "100000"),
}
"""Name → the module of this folder that prints it, and its arguments."""

ON_REDIS = ("tests/bus", "tests/app/test_listen_and_web.py", "tests/faults/test_redis_faults.py")
"""The tests in which Redis is between two processes, or between two parts of one."""
SHORT_REDIS = ("valkey-8.1",)
"""Servers of the part that is played with each change, which has the machine's Redis anyway."""


def main() -> int:
    """Play what was asked for. Return the exit status."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    words.add_argument("--short", action="store_true", help="the tests that are not long")
    words.add_argument("--figures", nargs="*", choices=sorted(FIGURES), help="the figures only")
    words.add_argument("--redis", nargs="*", choices=sorted(REDIS_KINDS), help="Redis only")
    asked = words.parse_args()
    if asked.redis is not None:
        return play_on_redis(asked.redis or list(REDIS_KINDS))
    if asked.figures is not None:
        return print_figures(asked.figures or list(FIGURES))
    status = play("faults", *(("-m", "not long") if asked.short else ()))
    status |= play_on_redis(SHORT_REDIS if asked.short else list(REDIS_KINDS))
    return status if asked.short else status | print_figures(list(FIGURES))


def play_on_redis(kinds: Sequence[str]) -> int:
    """Play the tests of Redis with other servers than the machine's. Return the exit status."""
    os.nice(19)
    failed = False
    for kind in kinds:
        print(f"\nRedis is {kind}:", flush=True)  # noqa: T201
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *ON_REDIS]
        environment = {**os.environ, REDIS_ASKED: kind}
        failed |= subprocess.run(command, env=environment, check=False).returncode != 0
    return int(failed)


def print_figures(names: list[str]) -> int:
    """Print each figure after the command that it is from. Return 1 if one is not as it must be."""
    os.nice(19)
    failed = False
    for name in names:
        module, *arguments = FIGURES[name]
        print(f"\npython -m tests.faults.{module} {' '.join(arguments)}", flush=True)  # noqa: T201
        command = [sys.executable, "-m", f"tests.faults.{module}", *arguments]
        failed |= subprocess.run(command, check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
