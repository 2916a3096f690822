"""The files that are vendored for browsers."""

import json
from typing import Any

from release.lock_file import ROOT

VENDORED = ROOT / "static/vendor/vendor.json"


def vendored_packages() -> list[dict[str, Any]]:
    """Return the entries of ``static/vendor/vendor.json``."""
    packages: list[dict[str, Any]] = json.loads(VENDORED.read_text("utf-8"))
    return packages
