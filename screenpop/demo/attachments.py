"""Attached files of the demo's first customers, with invented content."""

import struct
import zlib
from collections.abc import AsyncIterator, Sequence

from screenpop.customers.attachments import AttachmentDraft, AttachmentKind
from screenpop.customers.models import CustomerId
from screenpop.store.attachments.files import AttachmentRefusedError
from screenpop.store.attachments.records import add_attachment
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKeyError

_WIDTH, _HEIGHT = 320, 220


async def attach_demo_files(database: Database, ids: Sequence[CustomerId], now: float) -> None:
    """Attach files to the first two customers; none where the database has no folder for files."""
    files = (
        (AttachmentDraft(AttachmentKind.PASSPORT_COPY, "passport.png"), _picture()),
        (AttachmentDraft(AttachmentKind.TICKET, "e-ticket.pdf", "2 × THR–FCO"), _page("E-TICKET")),
        (AttachmentDraft(AttachmentKind.CONTRACT, "contract.pdf"), _page("CONTRACT")),
    )
    try:
        for customer_id in ids[:2]:
            for draft, content in files:
                await add_attachment(
                    database, customer_id, draft, _pieces(content), user_id=None, now=now
                )
    except (AttachmentRefusedError, DocumentKeyError):
        return


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _page(text: str) -> bytes:
    """Return a PDF with one line of text."""
    stream = f"BT /F1 24 Tf 60 700 Td ({text}: DEMO) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def _picture() -> bytes:
    """Return a PNG: a card with a picture frame and lines where the text would be."""
    rows = []
    for y in range(_HEIGHT):
        row = bytearray(b"\xe8" * _WIDTH)
        if 30 < y < 130:
            row[20:95] = b"\xa0" * 75
        if 30 < y < 170 and y % 20 < 7:
            row[115:290] = b"\x70" * 175
        if y > 180 and y % 18 < 8:
            row[20:300] = b"\x50" * 280
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
