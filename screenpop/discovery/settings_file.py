"""Writes a confirmed proposal as ``screenpop.toml``."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from screenpop.discovery.proposal import Layout, Proposal

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Office:
    """What the PBX does not report."""

    region: str
    timezone: str
    data_dir: str
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class PbxAddress:
    """How the PBX was reached; ``secret_file`` holds the secret."""

    host: str
    port: int
    username: str
    secret_file: str
    tls: Mapping[str, str | bool]
    """``tls``, ``tls_ca_file``, ``tls_pin_sha256`` and ``tls_server_name``, where set."""
    id: str = "office"


def settings_toml(proposal: Proposal, office: Office, address: PbxAddress) -> str:
    """Return the text of a whole settings file. It holds no secret."""
    general = [
        "# Written by screenpop setup. All settings: docs/settings.md",
        _line("data_dir", office.data_dir),
        _line("timezone", office.timezone),
    ]
    plan = [
        "[number_plan]",
        _line("region", office.region, "the country whose numbers come without a country code"),
        *([_line("area_code", office.area_code)] if office.area_code else []),
        extensions_line(proposal),
    ]
    parts = ["\n".join(part) for part in (general, plan)]
    return "\n\n".join([*parts, pbx_toml(proposal, address)])


def extensions_line(proposal: Proposal) -> str:
    """Return the line of ``[number_plan]`` with the office's own phones."""
    return _line("extensions", proposal.extensions, "the office's own phones")


def pbx_toml(proposal: Proposal, address: PbxAddress, known_queues: Collection[str] = ()) -> str:
    """Return the sections of the PBX and its queues, to follow settings that have no PBX.

    ``known_queues``: queues that those settings have a section of already."""
    queues = [f"[queues.{_key(queue)}]" for queue in proposal.queues if queue not in known_queues]
    parts = ["\n".join(_pbx(proposal, address)), *queues]
    return "\n\n".join(parts) + "\n"


def _pbx(proposal: Proposal, address: PbxAddress) -> list[str]:
    where = "FreePBX or Issabel, Asterisk" if proposal.layout is Layout.FREEPBX else "Asterisk"
    lines = [
        f"# {where} {_comment(proposal.version)}".rstrip(),
        "[[pbx]]",
        _line("id", address.id),
        _line("host", address.host),
        _line("port", address.port),
        _line("username", address.username),
        _line("secret_file", address.secret_file),
        *(_line(name, value) for name, value in address.tls.items()),
    ]
    if proposal.extensions:
        lines.append(_line("phones", proposal.extensions, "all other endpoints are trunks"))
    if proposal.layout is Layout.FREEPBX:
        lines += [
            "# For calls from a page (docs/install.md, Calls from a page):",
            "# " + _line("click_to_call_context", "from-internal"),
        ]
        if proposal.technology == "SIP":
            lines.append("# " + _line("click_to_call_technology", "SIP"))
    for trunk in proposal.trunks:
        lines += ["", "  [[pbx.trunks]]", "  " + _line("name", trunk)]
        if proposal.lines:
            lines += ["", "    [pbx.trunks.lines]"]
            lines += [f"    {_text(one.number)} = {_text(one.label)}" for one in proposal.lines]
    return lines


def _line(name: str, value: str | bool | int | Sequence[str], comment: str = "") -> str:
    match value:
        case bool():
            written = "true" if value else "false"
        case int():
            written = str(value)
        case str():
            written = _text(value)
        case _:
            written = f"[{', '.join(map(_text, value))}]"
    return f"{name} = {written}" + (f"  # {comment}" if comment else "")


def _text(value: str) -> str:
    """Return a basic string of TOML 1.0: quotes, backslashes and control characters escaped."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(letter: str) -> str:
    if letter in {'"', "\\"}:
        return "\\" + letter
    if letter.isprintable():
        return letter
    code = ord(letter)
    # A lone surrogate cannot be written in UTF-8, nor as an escape.
    is_surrogate = 0xD800 <= code <= 0xDFFF
    return "\\uFFFD" if is_surrogate else f"\\U{code:08X}"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _comment(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
