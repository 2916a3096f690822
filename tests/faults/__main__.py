"""``make test-faults``: the tests of this folder.

    python -m tests.faults --short

``--short`` is the part that runs with each change.
"""

import argparse
import sys

from tests.again import play


def main() -> int:
    """Play what was asked for. Return the exit status."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    words.add_argument("--short", action="store_true", help="the part that runs with each change")
    given = words.parse_args()
    return play("faults", *(("-m", "not long") if given.short else ()))


if __name__ == "__main__":
    sys.exit(main())
