"""Files attached to customers: which content is accepted, and how their names are cleaned.

What a file is, is read from its content. The name and the type that a browser sends decide nothing.
"""

import unicodedata
import zlib
from dataclasses import dataclass
from enum import StrEnum

from screenpop.common.text import display_text

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ATTACHMENTS = 100
"""Files of one customer."""
MAX_NOTE_LENGTH = 200
HEAD_BYTES = 64
TAIL_BYTES = 2048
_MAX_STEM_LENGTH = 100
_LONGEST_NAME = 1000
"""Characters of a given name that are looked at."""
_REPLACED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))]
)
"""Names that Windows opens as devices, whatever their ending."""


class AttachmentKind(StrEnum):
    PASSPORT_COPY = "passport_copy"
    CONTRACT = "contract"
    TICKET = "ticket"
    OTHER = "other"


class MediaType(StrEnum):
    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


_ENDINGS = {
    MediaType.PDF: (".pdf",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.PNG: (".png",),
    MediaType.WEBP: (".webp",),
}
_KNOWN_ENDINGS = tuple(ending for endings in _ENDINGS.values() for ending in endings)


class AttachmentProblem(StrEnum):
    """Why a file is not kept; each has a sentence in the catalogues, ``error.<code>``."""

    EMPTY = "attachment_empty"
    TYPE = "attachment_type"
    HEIC = "attachment_heic"
    """A photo as iPhones store it, which browsers do not show."""
    DAMAGED = "attachment_damaged"
    """Begins as an accepted kind and does not go on as one."""
    TOO_LARGE = "attachment_too_large"
    TOO_MANY = "attachment_too_many"
    UNKNOWN_TRIP = "attachment_trip"
    DISK_FULL = "attachment_disk_full"
    FOLDER = "attachment_folder"
    """The folder of the files cannot be used."""


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    kind: AttachmentKind
    filename: str
    """As the browser sent it."""
    note: str = ""
    trip_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    kind: AttachmentKind
    name: str
    """The cleaned name; empty where the key that encrypts it cannot be used."""
    note: str
    media_type: MediaType
    size: int
    """In bytes."""
    trip_id: int | None
    added_at: float
    added_by: str
    """The display name of the user; empty for the command line."""


def detect_media_type(head: bytes, tail: bytes, size: int) -> MediaType | AttachmentProblem:
    """Return what a file is by its first and last bytes, or why it is not accepted.

    ``head``: at least ``HEAD_BYTES`` or the whole file; ``tail``: the last ``TAIL_BYTES``.
    """
    if size == 0:
        return AttachmentProblem.EMPTY
    if head.startswith(b"%PDF-"):
        return _or_damaged(MediaType.PDF, head[5:6] in b"12" and b"%%EOF" in tail)
    if head.startswith(b"\xff\xd8\xff"):
        return _or_damaged(MediaType.JPEG, _is_jpeg(head))
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _or_damaged(MediaType.PNG, _is_png(head, tail))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _or_damaged(MediaType.WEBP, _is_webp(head, size))
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}:
        return AttachmentProblem.HEIC
    return AttachmentProblem.TYPE


def _or_damaged(found: MediaType, is_whole: bool) -> MediaType | AttachmentProblem:
    return found if is_whole else AttachmentProblem.DAMAGED


def _is_jpeg(head: bytes) -> bool:
    """Return whether a segment with a length follows the start (ITU T.81, B.1.1)."""
    marker, length = head[3], int.from_bytes(head[4:6], "big")
    return (0xE0 <= marker <= 0xEF or marker in {0xDB, 0xC0, 0xC2, 0xC4, 0xFE}) and length > 1


def _is_png(head: bytes, tail: bytes) -> bool:
    """Return whether the first chunk is a header with its checksum, and an end is there."""
    header, checksum = head[12:29], int.from_bytes(head[29:33], "big")
    is_header = head[8:16] == b"\0\0\0\rIHDR" and zlib.crc32(header) == checksum
    return is_header and b"IEND\xaeB`\x82" in tail


def _is_webp(head: bytes, size: int) -> bool:
    announced = int.from_bytes(head[4:8], "little") + 8
    return head[12:16] in {b"VP8 ", b"VP8L", b"VP8X"} and 20 < announced <= size


def clean_filename(given: str, media_type: MediaType) -> str:
    """Return a name that is safe to show and to save under, with the ending of the content.

    Folders, control characters and marks that turn the direction of text are taken out. A name
    that ends as another accepted kind gets the right ending; any other ending stays before it.
    """
    name = given[-_LONGEST_NAME:].replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", display_text(name, _LONGEST_NAME)).translate(_REPLACED)
    stem, ending = name.strip(" ."), _ENDINGS[media_type][0]
    for known in _KNOWN_ENDINGS:
        if stem.casefold().endswith(known):
            ending = known if known in _ENDINGS[media_type] else ending
            stem = stem[: -len(known)]
            break
    stem = stem[:_MAX_STEM_LENGTH].strip(" .\u200c\u200d") or "file"
    if stem.split(".")[0].strip().casefold() in _DEVICE_NAMES:
        stem = f"_{stem}"
    return stem + ending
