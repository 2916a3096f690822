"""The passwords that are refused because many people have them.

``common_passwords.txt``: the first 10,000 of the list of passwords of zxcvbn 4.5.0 (MIT, see
``common_passwords.LICENSE.txt``), the most frequent first, one a line, in lower case.
"""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common_passwords.txt")
SHA256 = "839f86a5e388b0fe1ca13ec6c337975c9daf384e110effb70279b03caddd1462"
"""Of the file, as it is released."""


@cache
def common_passwords() -> frozenset[str]:
    """Return the list; it is read at the first use and takes about 1 MB."""
    return frozenset(FILE.read_text("ascii").split())
