"""Read an uploaded file as a stream; only one block of it is in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

_LONGEST_FIELD = 1024
_MOST_FIELDS = 8
FORM_AROUND_FILE = 64 * 1024
"""Bytes of the form in addition to its file."""


@dataclass(slots=True)
class _Part:
    disposition: bytes = b""
    name: str = ""
    filename: str | None = None
    value: bytearray = field(default_factory=bytearray)


class FormFile:
    """The file of a multipart/form-data body and the fields before it.

    Raises ``HTTPException`` 400 for any other body or a broken connection.
    """

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self._parser = MultipartParser(
            _boundary(request),
            {
                "on_part_begin": self._begins,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._ends,
            },
        )
        self._part = _Part()
        self._header = [bytearray(), bytearray()]
        self._pieces: list[bytes] = []
        self._parts = 0
        self._in_file = False
        self.fields: dict[str, str] = {}
        self.filename = ""
        """The name that the browser sent; never used as a path."""
        self.has_file = False

    async def head(self) -> None:
        """Read up to the start of the file and set ``fields`` and ``filename``."""
        while not self.has_file and await self._read():
            pass
        if not self.has_file:
            raise HTTPException(400, "bad_request")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the content of the file as it arrives."""
        more = True
        while more or self._pieces:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            more = more and await self._read()

    async def _read(self) -> bool:
        try:
            block = await anext(self._stream, None)
            if block is None:
                self._parser.finalize()
                return False
            self._parser.write(block)
        except (FormParserError, ClientDisconnect) as error:
            raise HTTPException(400, "bad_request") from error
        return True

    # -- callbacks of the parser -----------------------------------------------------------------

    def _begins(self) -> None:
        self._part = _Part()
        self._parts += 1
        if self._parts > _MOST_FIELDS:
            raise HTTPException(400, "bad_request")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_ends(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._part.disposition = bytes(self._header[1])
        self._header = [bytearray(), bytearray()]

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._part.disposition)
        self._part.name = _text(options.get(b"name", b""))
        if b"filename" in options and not self.has_file:
            self.filename = _text(options[b"filename"])
            self.has_file = self._in_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])
            return
        self._part.value += data[start:end]
        if len(self._part.value) > _LONGEST_FIELD:
            raise HTTPException(400, "bad_request")

    def _ends(self) -> None:
        if self._in_file:
            self._in_file = False
        elif not self.has_file:
            self.fields[self._part.name] = _text(bytes(self._part.value))


async def body_pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield a request body that is the file itself."""
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise HTTPException(400, "bad_request") from error


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(400, "bad_request")
    return options[b"boundary"]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
