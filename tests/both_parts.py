"""``python -m tests.both_parts``: play the unit tests and the browser tests side by side.

The browser tests wait for pages and phones more than half of the time, and the unit tests use the
processor meanwhile: together they take as long as the longer part alone. Failed tests are played
again when both have ended, alone.
"""

import subprocess
import sys
import tempfile

from tests.again import PARTS, play_again


def main() -> int:
    """Return the exit status: 0 only if both parts pass."""
    with tempfile.TemporaryFile() as output:
        unit = subprocess.Popen([sys.executable, *PARTS["unit"]])
        browser = subprocess.Popen(
            [sys.executable, *PARTS["browser"]], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            statuses = {"unit": unit.wait(), "browser": browser.wait()}
        finally:
            for process in (unit, browser):
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        output.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return max([play_again(part) for part, status in statuses.items() if status], default=0)


if __name__ == "__main__":
    sys.exit(main())
