"""The section of the settings about records of callers from another program."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from screenpop.customers.sourced_record import check_paths
from screenpop.settings.fields import Line, Section
from screenpop.settings.http_source import check_address, read_headers


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
        if "{number}" not in self.url:
            raise ValueError("url has no {number}; write it where the number belongs")
        if "{number}" in urlsplit(self.url).netloc:
            raise ValueError("url has {number} in its host; write it into the path or the query")
        check_address(self.url.replace("{number}", "1"), private_http=self.private_http)
        check_paths(self.fields)
        self.read_headers()
        return self

    def read_headers(self) -> dict[str, str]:
        """Return the headers of the file. Raises ``ValueError`` if it cannot be used."""
        return read_headers(self.headers_file)


class ContactsSettings(Section):
    """Contacts of another program as vCards, read on a timer and imported when they change."""

    url: Line = ""
    """The address of a ``.vcf`` file; empty: none is read."""
    headers_file: Path | None = None
    """A file of headers, one a line, such as ``Authorization: Bearer …``."""
    private_http: bool = False
    """Allows http, to loopback and private addresses only."""
    every_minutes: float = Field(default=60, ge=1, le=10_080)

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        if self.url:
            check_address(self.url, private_http=self.private_http)
            self.read_headers()
        return self

    def read_headers(self) -> dict[str, str]:
        """Return the headers of the file. Raises ``ValueError`` if it cannot be used."""
        return read_headers(self.headers_file)
