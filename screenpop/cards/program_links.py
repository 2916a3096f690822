"""Links from a card to other programs of the office, such as its CRM.

A link is a URL template. ``static/js/program_links.js`` fills its fields with facts of the card,
each percent-encoded, so that no caller id or name can change the address beyond its field.
"""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

FIELDS = ("number", "digits", "name", "customer", "call", "line", "queue", "direction")
"""What a template can contain: ``{number}`` (as ``+302101234567``), ``{digits}`` (the same
without ``+``), the customer's name and id here, the call's linkedid, the dialled number, the queue,
and ``inbound``, ``outbound`` or ``internal``. A fact that is not known is empty."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_REFUSED_SCHEMES = frozenset(
    {"javascript", "data", "vbscript", "blob", "file", "about", "filesystem"}
)
_ORIGIN = re.compile(r"https?://[^/?#{}\s@]+[/?#]")
MAX_TEMPLATE_LENGTH = 2000


class OpensProgram(StrEnum):
    """When a link is followed."""

    CLICK = "click"
    RING = "ring"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ProgramLink:
    label: str
    """Text of the button."""
    url: str
    """A template that ``check_url_template`` accepts."""
    opens: OpensProgram = OpensProgram.CLICK


def check_url_template(url: str, fields: Sequence[str] = FIELDS) -> str:
    """Return the template. ``fields``: those it can contain.

    Raises ``ValueError`` with what to change.
    """
    if len(url) > MAX_TEMPLATE_LENGTH:
        raise ValueError(f"it is longer than {MAX_TEMPLATE_LENGTH} characters; shorten it")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("it contains a space or an invisible character; remove it")
    for name in _fields(url):
        if name not in fields:
            known = ", ".join(f"{{{field}}}" for field in fields)
            raise ValueError(f"{{{name}}} is no field; use {known}")
    scheme = url.partition(":")[0].lower()
    if ":" not in url or not _SCHEME.fullmatch(scheme):
        raise ValueError("it has no scheme; begin with https:// or the scheme of the program")
    if scheme in _REFUSED_SCHEMES:
        raise ValueError(f"a link cannot begin with {scheme}:; use https://")
    if scheme in {"http", "https"} and not _ORIGIN.match(url.lower() + "/"):
        raise ValueError(
            "the host must be written out, without fields, user name or password, such as"
            " https://crm.example.com/?phone={number}"
        )
    return url


def _fields(url: str) -> list[str]:
    try:
        parsed = list(string.Formatter().parse(url))
    except ValueError as error:
        raise ValueError(f"a brace is not closed ({error}); write fields as {{number}}") from error
    if any(spec or conversion for _, _, spec, conversion in parsed):
        raise ValueError("a field has only a name; write {number}")
    return [name for _, name, _, _ in parsed if name is not None]
