"""Patterns of the words of normalized headings."""

import re

from screenpop.common.search_normalization import fold


def words_pattern(*alternatives: str) -> re.Pattern[str]:
    """Return a pattern of whole words or beginnings of words (``passport*``), normalized."""
    found = []
    for word in "|".join(alternatives).split("|"):
        open_end = word.endswith("*")
        found.append(re.escape(fold(word.rstrip("*"))) + (r"\w*" if open_end else ""))
    return re.compile(rf"(?:^|(?<=\s))(?:{'|'.join(found)})(?=\s|$)")
