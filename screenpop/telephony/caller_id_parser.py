"""What a PBX said in the place of a number, taken out of its wrapping."""

import re
from dataclasses import dataclass

from screenpop.common.text import ascii_digits, fold_digits

LONGEST = 512
"""Characters. A SIP address with parameters is a third of it; longer text is no caller id."""

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
    """A caller id without what was around it. ``text`` is folded; ``digits`` are its ASCII digits,
    with the digits of an RFC 3966 ``phone-context`` before them."""

    raw: str
    withheld: bool
    text: str
    label: str
    """What a dialplan put before it, such as ``Sales``; also the text itself if it is words."""
    digits: str
    plus: bool


def parse_caller_id(raw: str, *, withheld: bool = False) -> RawCallerId:
    """Takes a caller id out of ``"Sales" <sip:+30…@host;user=phone>``, ``tel:…`` (RFC 3966),
    ``Sales:09…``. Text beyond any caller id's length stays as it is."""
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
    """The user part of an address, and the prefix that its ``phone-context`` gives."""
    opening, closing = text.rfind("<"), text.rfind(">")
    if 0 <= opening < closing:
        text = text[opening + 1 : closing]
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :]
    found = _CONTEXT.search(text)
    user = _ESCAPED.sub(_unescaped, text.partition("@")[0].partition(";")[0]).strip()
    return user, found[1] if found and not user.startswith("+") else ""


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _without_label(text: str) -> tuple[str, str]:
    """What a dialplan put before the number (``Sales:``, ``SUP ``), and the rest.

    Letters after the digits are no label, and neither is one with many digits of its own:
    ``1-800-FLOWERS`` stays whole, to be refused as letters.
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
