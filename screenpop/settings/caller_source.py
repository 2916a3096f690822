"""The section of the settings about records of callers from another program."""

import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from screenpop.customers.sourced_record import check_paths
from screenpop.settings.fields import Line, Section

_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([!-~](?:[ -~]*[!-~])?)")
_OWN_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding"})


class CallerSourceSettings(Section):
    """A program that is asked about each caller; its answer comes with the card's next revision."""

    url: Line = ""
    """The address, with ``{number}`` for the number in E.164; empty: no program is asked."""
    headers_file: Path | None = None
    """A file of headers, one a line, such as ``Authorization: Bearer …``."""
    private_http: bool = False
    """Allows http, to loopback and private addresses only."""
    timeout_ms: int = Field(default=300, ge=20, le=300)
    """Milliseconds after which the answer is not waited for any longer."""
    cache_s: float = Field(default=300, ge=1, le=86_400)
    """Seconds for which an answer is used again."""
    fields: dict[str, Line] = Field(default_factory=dict)
    """Field of a customer to the path of its value in the answer, such as ``data.0.name``."""

    @model_validator(mode="after")
    def _is_a_source(self) -> Self:
        if not self.url:
            return self
        parts = urlsplit(self.url.replace("{number}", "1"))
        schemes = {"https", "http"} if self.private_http else {"https"}
        if parts.scheme not in schemes or not parts.hostname or not self.url.isascii():
            raise ValueError(
                "url is no https address; http is possible with private_http = true, to loopback"
                " and private addresses"
            )
        if "{number}" not in parts.path + parts.query and "{number}" not in self.url:
            raise ValueError("url has no {number}; write it where the number belongs")
        if "{number}" in f"{urlsplit(self.url).netloc}":
            raise ValueError("url has {number} in its host; write it into the path or the query")
        if parts.username is not None or any(char <= " " for char in self.url):
            raise ValueError("url contains a user or a space; put keys into headers_file")
        check_paths(self.fields)
        self.read_headers()
        return self

    def read_headers(self) -> dict[str, str]:
        """Return the headers of the file. Raises ``ValueError`` if it cannot be used."""
        if self.headers_file is None:
            return {}
        try:
            lines = self.headers_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(
                f"headers_file {self.headers_file} cannot be read; check its path and its rights"
            ) from problem
        headers = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            found = _HEADER.fullmatch(line.strip())
            if found is None or found[1].lower() in _OWN_HEADERS:
                raise ValueError(
                    f"line {number} of headers_file {self.headers_file} is no header; write lines"
                    " such as Authorization: Bearer KEY"
                )
            headers[found[1]] = found[2]
        return headers
