"""The rules by which the numbers of one trunk are read."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

from phonenumbers import SUPPORTED_REGIONS

from screenpop.common.text import fold_digits
from screenpop.telephony.identifiers import Region

_SYMBOLS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*", "-": "", " ": ""}
_PATTERN_PARTS = re.compile(r"\[[0-9-]+\]|.", re.DOTALL)
_SEVERAL = ("extensions", "withheld_words", "unknown_words")
_CLASS = re.compile(r"\[(?:[0-9](?:-[0-9])?)+\]")


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """The number rules of one trunk.

    ``2101234567`` is a valid number both in Iran and in Greece, so every trunk has its own plan and
    there is no global default.

    Raises ``ValueError`` with a message for the administrator when a field is invalid.
    """

    region: Region
    """The country in which the trunk ends: ISO 3166-1 alpha-2."""
    area_code: str = ""
    """Prepended to a local number, as dialled inside the country: ``21`` or ``021`` for Tehran."""
    extensions: tuple[str, ...] = ()
    """Phones of this PBX: numbers (``101``) or Asterisk dialplan patterns (``1XX``, ``[2-4]XXX``,
    with or without a leading underscore)."""
    withheld_words: tuple[str, ...] = ()
    """Additional words that this trunk sends for a withheld number."""
    unknown_words: tuple[str, ...] = ()
    """Additional words that this trunk sends for an unknown number."""

    def __post_init__(self) -> None:
        if self.region not in SUPPORTED_REGIONS:
            raise ValueError(
                f"{self.region!r} is not a country; give its two capital letters, such as GR or IR."
            )
        area_code = fold_digits(self.area_code)
        if area_code and not (area_code.isdecimal() and len(area_code) <= 6):
            raise ValueError(
                f"{self.area_code!r} is not an area code; give up to six digits, such as 21."
            )
        object.__setattr__(self, "area_code", area_code)
        extension_pattern(self.extensions)

    def plain(self) -> dict[str, object]:
        """Return the plan as JSON values, for a worker process."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Build a plan from the values of ``plain``.

        Raises ``KeyError``, ``TypeError`` or ``ValueError`` for other values.
        """
        several = {name: tuple(plain[name]) for name in _SEVERAL}
        return cls(Region(plain["region"]), plain["area_code"], **several)

    def is_extension(self, digits: str) -> bool:
        return bool(self.extensions) and bool(extension_pattern(self.extensions).fullmatch(digits))


@lru_cache(maxsize=64)
def extension_pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one expression for all patterns of a plan.

    Raises ``ValueError`` for an invalid pattern. Syntax:
    https://docs.asterisk.org/Configuration/Dialplan/Pattern-Matching/
    """
    return re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns))


def _expression(pattern: str) -> str:
    parts = _PATTERN_PARTS.findall(fold_digits(pattern).strip().removeprefix("_"))
    if not parts:
        raise ValueError("An extension pattern is empty; give a number such as 101, or 1XX.")
    if set(parts[:-1]) & {".", "!"}:
        raise ValueError(
            f"{pattern!r} is not an extension pattern: . and ! are allowed only at its end."
        )
    return "".join(_part(part, pattern) for part in parts)


def _part(part: str, pattern: str) -> str:
    if part.upper() in _SYMBOLS:
        return _SYMBOLS[part.upper()]
    if part.isdecimal() or part in "*#":
        return re.escape(part)
    if _CLASS.fullmatch(part):
        return part
    raise ValueError(
        f"{pattern!r} is not an extension pattern: it may hold digits, X (0-9), Z (1-9), N (2-9), "
        "[1-4], and at its end . (one or more) or ! (any number)."
    )
