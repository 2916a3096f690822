"""Malicious files, made as attackers make them."""

import io
import random
import struct
import zipfile
from collections.abc import Mapping

_WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
    "</Relationships>"
)
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(cells: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns='
        f'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}'
        "</sheetData></worksheet>"
    )


def text_row(number: int, *texts: str) -> str:
    cells = "".join(
        f'<c r="{"ABCDEFGH"[place]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for place, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def xlsx(sheet: str | bytes, more: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook with this XML as its only sheet."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.replace("worksheets/sheet1.xml", "xl/workbook.xml").replace(
            "relationships/worksheet", "relationships/officeDocument"
        ),
        "xl/workbook.xml": _WORKBOOK,
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        _SHEET: sheet,
        **(more or {}),
    }
    return zipped(parts)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def lying_about_its_size(honest: bytes) -> bytes:
    """The same archive, with a table of contents in which the sheet unpacks to 100 bytes."""
    data = bytearray(honest)
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(_SHEET.encode()))
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(data)


def with_its_table_elsewhere(honest: bytes, further: int) -> bytes:
    """The same archive, its end placing the table of contents this many bytes too far back, so that
    the offsets of its entries come out negative."""
    data = bytearray(honest)
    at = data.rfind(b"PK\x05\x06")
    offset = struct.unpack_from("<L", data, at + 16)[0]
    struct.pack_into("<L", data, at + 16, offset + further)
    return bytes(data)


def with_bytes_changed(honest: bytes, seed: int) -> bytes:
    """The same file with a few bytes of noise in it, or cut short."""
    chance = random.Random(seed)
    data = bytearray(honest)
    for _ in range(chance.choice((1, 4, 30))):
        data[chance.randrange(len(data))] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.2 else data)


def overlapping(copies: int) -> bytes:
    """Many entries that are the same bytes of the file (https://www.bamsoftware.com/hacks/zipbomb/)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr(_SHEET, b"0" * 1_000_000)
        whole = archive.getinfo(_SHEET)
        for number in range(copies):
            again = zipfile.ZipInfo(f"xl/worksheets/more{number}.xml")
            for name in ("header_offset", "compress_type", "CRC", "compress_size", "file_size"):
                setattr(again, name, getattr(whole, name))
            archive.filelist.append(again)
    return file.getvalue()


def container(streams: Mapping[str, bytes]) -> bytes:
    """A file as Word and Excel 97 packed theirs, and as a password packs an XLSX ([MS-CFB])."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    fat, body, entries = [0xFFFFFFFD, end], b"", [_entry("Root Entry", 5, end, 0, child=1)]
    for place, (name, data) in enumerate(streams.items(), 1):
        padded = data.ljust(max(4096, -(-len(data) // sector) * sector), b"\0")
        count, first = len(padded) // sector, len(fat)
        fat += [*range(first + 1, first + count), end]
        right = place + 1 if place < len(streams) else free
        entries.append(_entry(name, 2, first, len(padded), right=right))
        body += padded
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\0" * 16,
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        b"\0" * 6,
        0,
        1,
        1,
        0,
        4096,
        end,
        0,
        end,
        0,
    )
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack(f"<{sector // 4}I", *fat, *[free] * (sector // 4 - len(fat)))
    return header + table + b"".join(entries).ljust(sector, b"\0") + body


def _entry(
    name: str, kind: int, first: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    spelt = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        spelt,
        len(spelt) + 2,
        kind,
        1,
        0xFFFFFFFF,
        right,
        child,
        b"\0" * 16,
        0,
        0,
        0,
        first,
        size,
    )


ENCRYPTED_XLSX = container({"EncryptionInfo": b"\4\0\2\0", "EncryptedPackage": b"\1" * 5000})
_BOF = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0, 0, 0, 0)
_FILE_PASS = struct.pack("<HHHHH", 0x002F, 6, 1, 1, 1)
ENCRYPTED_XLS = container({"Workbook": _BOF + _FILE_PASS + b"\7" * 200})
ENCRYPTED_ODS = zipped(
    {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest><file-entry><encryption-data/></file-entry></manifest>",
        "content.xml": random.Random(1).randbytes(4000),
    }
)
LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
)
ELSEWHERE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
