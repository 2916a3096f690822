"""``make test-faults``: the tests of this folder, then the figures of docs/testing.md.

    python -m tests.faults --short             # the tests not marked long
    python -m tests.faults --figures [NAME...] # the figures only: all, or those named

A figure is printed by a command of its own, at the lowest priority, one after the other.
"""

import argparse
import os
import subprocess
import sys

from tests.again import play

FIGURES = {
    "disconnects": ("disconnects", "--disconnects", "10000"),
    "kills": ("kills", "--kills", "200"),
    "database": ("database_faults",),
    "calls": ("many_calls", "--calls", "100000"),
    "endless": ("endless_calls", "--calls", "100000"),
}
"""Name → the module of this folder that prints it, and its arguments."""


def main() -> int:
    """Play what was asked for. Return the exit status."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    words.add_argument("--short", action="store_true", help="the tests that are not long")
    words.add_argument("--figures", nargs="*", choices=sorted(FIGURES), help="the figures only")
    asked = words.parse_args()
    marks = ("-m", "not long") if asked.short else ()
    status = play("faults", *marks) if asked.figures is None else 0
    return status if asked.short else status | print_figures(asked.figures or list(FIGURES))


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
