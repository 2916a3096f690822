"""What settings of programs that are read by HTTP share: address and file of headers."""

import re
from pathlib import Path
from urllib.parse import urlsplit

_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([!-~](?:[ -~]*[!-~])?)")
_OWN_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding"})


def check_address(url: str, *, private_http: bool) -> None:
    """Raise ``ValueError``, with the remedy, for an address that cannot be read."""
    parts = urlsplit(url)
    schemes = {"https", "http"} if private_http else {"https"}
    if parts.scheme not in schemes or not parts.hostname or not url.isascii():
        raise ValueError(
            "url is no https address; http is possible with private_http = true, to loopback"
            " and private addresses"
        )
    if parts.username is not None or any(char <= " " for char in url):
        raise ValueError("url contains a user or a space; put keys into headers_file")


def read_headers(file: Path | None) -> dict[str, str]:
    """Return the headers of a file. Raises ``ValueError`` if it cannot be used."""
    if file is None:
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(
            f"headers_file {file} cannot be read; check its path and its rights"
        ) from problem
    headers = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _HEADER.fullmatch(line.strip())
        if found is None or found[1].lower() in _OWN_HEADERS:
            raise ValueError(
                f"line {number} of headers_file {file} is no header; write lines such as"
                " Authorization: Bearer KEY"
            )
        headers[found[1]] = found[2]
    return headers
