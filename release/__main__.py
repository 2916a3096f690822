"""``python -m release deb|wheelhouse``: build packages into ``dist/``, with their checksums.

python -m release deb --sign-with ~/.ssh/release    # and a signature of the checksums
python -m release sums --sign-with ~/.ssh/release   # of what is there already
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from release.deb import build_deb
from release.lock_file import ROOT
from release.signing import sign, write_sums
from release.targets import SUITES, this_architecture
from release.wheelhouse import build_wheelhouse
from release.wheels import file_sum
from screenpop import __version__


def main(arguments: list[str] | None = None) -> int:
    """Build what is asked for and print each file with its size and checksum."""
    parser = argparse.ArgumentParser(
        prog="python -m release",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("package", choices=("deb", "wheelhouse", "sums"))
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="default: dist/")
    parser.add_argument("--suite", choices=[one.name for one in SUITES], help="one release only")
    parser.add_argument("--version", default=__version__, help=f"default: {__version__}")
    parser.add_argument("--sign-with", type=Path, metavar="KEY", help="an SSH key")
    options = parser.parse_args(arguments)
    folder = options.to.absolute()
    if options.package == "wheelhouse":
        _print_file(build_wheelhouse(this_architecture(), folder))
    elif options.package == "deb":
        for suite in (one for one in SUITES if options.suite in (None, one.name)):
            _print_file(build_deb(suite, this_architecture(), folder, options.version))
    sums = write_sums(folder)
    print(sign(sums, options.sign_with) if options.sign_with else sums)
    return 0


def _print_file(path: Path) -> None:
    print(f"{path}  {path.stat().st_size / 1e6:.0f} MB  sha256 {file_sum(path)}")


if __name__ == "__main__":
    sys.exit(main())
