"""``python -m tests.security [page | sbom | audit]``: docs/security.md, list of parts, audit."""

import sys

from tests.security.audit import audit
from tests.security.defences import (
    PAGE,
    describe_defences,
    find_proving_tests,
    load_defences,
    page_with,
)
from tests.security.sbom import write_sbom


def write_page() -> int:
    made = describe_defences(load_defences(), find_proving_tests())
    PAGE.write_text(page_with(PAGE.read_text("utf-8"), made), "utf-8")
    sys.stdout.write(f"{PAGE} is written\n")
    return 0


def main(command: str) -> int:
    match command:
        case "page":
            return write_page()
        case "sbom":
            sys.stdout.write(f"{write_sbom()} is written\n")
            return 0
        case "audit":
            return audit()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "page"))
