"""Licences of the server's packages, read from what is installed; no network."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageMetadata, PackageNotFoundError, distribution

from release.lock_file import LockedPackage

ALLOWED = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "OFL-1.1",
        "PSF-2.0",
        "Zlib",
    ]
)
"""SPDX ids that go with the MIT licence of Screenpop."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
}

READ_BY_HAND = {"pyst2": "PSF-2.0"}
"""Packages without an id: pyst2 is under the licence of Python or the LGPL, as one chooses."""


def licence_of(name: str, metadata: PackageMetadata) -> str:
    """Return an SPDX expression, or the words of the package where it has none."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    if expression := metadata["License-Expression"]:
        return expression
    kinds = [text.split("::")[-1].strip() for text in metadata.get_all("Classifier") or ()]
    found = [CLASSIFIERS[kind] for kind in kinds if kind in CLASSIFIERS]
    text = (metadata["License"] or "").strip()
    if text in ALLOWED or not found:
        return text.split("\n")[0]
    return " OR ".join(found)


def is_allowed(expression: str) -> bool:
    """Return whether each id of an SPDX expression is in the list, also those to choose from."""
    ids = [word for word in re.findall(r"[^\s()]+", expression) if word not in ("AND", "OR")]
    return bool(ids) and all(one in ALLOWED for one in ids)


def installed(package: LockedPackage) -> Distribution | None:
    """Return the package as it is installed; ``None``: it is for other systems."""
    try:
        return distribution(package.name)
    except PackageNotFoundError:
        if package.marker:
            return None
        raise


def refused_licences(packages: Iterable[LockedPackage]) -> list[str]:
    """Return a line for each package whose licence is not in the list, by name."""
    refused = []
    for package in packages:
        found = installed(package)
        if found is not None:
            licence = licence_of(package.name, found.metadata)
            if not is_allowed(licence):
                refused.append(f"{package.name} {package.version}: {licence or 'no licence'}")
    return refused
