"""Parses the raw caller id of a PBX: removes SIP address, label and separators."""

import re
from dataclasses import dataclass

from screenpop.common.text import ascii_digits, fold_digits

LONGEST = 512
"""Characters. A SIP address with parameters has about a third; longer text is no caller id."""

_SCHEME = re.compile(r"\s*(?:sips?|tel|callto)\s*:\s*", re.IGNORECASE)
_ANONYMOUS_HOST = re.compile(r"@\s*anonymous\.invalid\b", re.IGNORECASE)
"""The host in the address of a caller who asks for privacy, with any user part (RFC 3323)."""
_CONTEXT = re.compile(r";\s*phone-context\s*=\s*(\+[0-9().-]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"%(2B|23|2A|20|3[0-9])", re.IGNORECASE)
_EXTENSION_SUFFIX = re.compile(
    r"(?<=[0-9)])\s*[,;/(]*\s*(?:ext(?:ension)?|x|داخلی|εσωτ(?:ερικο)?)\s*[.:=]*\s*[0-9]{1,7}\)?\s*$",
    re.IGNORECASE,
)
_SEPARATORS = " :-/|>()[]_"


@dataclass(frozen=True, slots=True)
class RawCallerId:
    """A caller id without its address and label.

    ``text`` is folded; ``digits`` are its ASCII digits, preceded by the digits of an RFC 3966
    ``phone-context``.
    """

    raw: str
    withheld: bool
    text: str
    label: str
    """A prefix from the dialplan, such as ``Sales``; the text itself if it contains no digits."""
    digits: str
    plus: bool


def parse_caller_id(raw: str, *, withheld: bool = False) -> RawCallerId:
    """Parse ``"Sales" <sip:+30…@host;user=phone>``, ``tel:…`` (RFC 3966) or ``Sales:09…``.

    Text longer than ``LONGEST`` is not parsed.
    """
    if len(raw) > LONGEST:
        return RawCallerId(raw, withheld, text="", label="", digits="", plus=False)
    folded = fold_digits(raw).strip()
    if folded.isdecimal() and folded.isascii():
        return RawCallerId(raw, withheld, folded, label="", digits=folded, plus=False)
    if _ANONYMOUS_HOST.search(folded):
        folded = "anonymous"
    text, context = _without_address(folded)
    label, text = _without_label(_EXTENSION_SUFFIX.sub("", text))
    plus = bool(context) or text.startswith(("+", "(+"))
    return RawCallerId(raw, withheld, text, label, ascii_digits(context + text), plus)


def _without_address(text: str) -> tuple[str, str]:
    """Return the user part of an address and the prefix from its ``phone-context``."""
    opening, closing = text.rfind("<"), text.rfind(">")
    if 0 <= opening < closing:
        text = text[opening + 1 : closing]
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :]
    phone_context = _CONTEXT.search(text)
    user = _ESCAPED.sub(_unescaped, text.partition("@")[0].partition(";")[0]).strip()
    return user, phone_context[1] if phone_context and not user.startswith("+") else ""


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _without_label(text: str) -> tuple[str, str]:
    """Return a dialplan's prefix (``Sales:``, ``SUP ``) and the remaining text.

    Letters after the digits are no label, and neither is a prefix with three or more digits:
    ``1-800-FLOWERS`` stays whole and is rejected later because of its letters.
    """
    last_letter = max((i for i, char in enumerate(text) if char.isalpha()), default=-1)
    if last_letter < 0:
        return "", text
    head, tail = text[: last_letter + 1], text[last_letter + 1 :]
    if not ascii_digits(tail):
        before, _, words = text.rpartition(":")
        return before.strip(), words.strip()
    if tail[0] in _SEPARATORS and len(ascii_digits(head)) < 3:
        return head.strip(), tail.lstrip(_SEPARATORS)
    return "", text
