"""What a file is by its content, and how its name is cleaned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.attachments import (
    HEAD_BYTES,
    TAIL_BYTES,
    AttachmentProblem,
    MediaType,
    clean_filename,
    detect_media_type,
)
from tests.customers.attached_files import JPEG, PDF, PNG, WEBP


def detected(content: bytes) -> MediaType | AttachmentProblem:
    return detect_media_type(content[:HEAD_BYTES], content[-TAIL_BYTES:], len(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, MediaType.PDF),
        (JPEG, MediaType.JPEG),
        (PNG, MediaType.PNG),
        (WEBP, MediaType.WEBP),
        (b"", AttachmentProblem.EMPTY),
        (b"<html><script>alert(1)</script>", AttachmentProblem.TYPE),
        (b"<html>%PDF-1.7 later %%EOF", AttachmentProblem.TYPE),
        (b"\xef\xbb\xbf%PDF-1.7 %%EOF", AttachmentProblem.TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", AttachmentProblem.TYPE),
        (b"PK\x03\x04 a book of sheets", AttachmentProblem.TYPE),
        (b"MZ a program", AttachmentProblem.TYPE),
        (b"GIF89a", AttachmentProblem.TYPE),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", AttachmentProblem.HEIC),
        (PDF[:-40], AttachmentProblem.DAMAGED),
        (b"%PDF-x <script> %%EOF", AttachmentProblem.DAMAGED),
        (PNG[:-12], AttachmentProblem.DAMAGED),
        (PNG[:20] + b"\xff" + PNG[21:], AttachmentProblem.DAMAGED),
        (WEBP[:-1], AttachmentProblem.DAMAGED),
        (b"RIFF\x24\0\0\0WEBPfmt " + bytes(28), AttachmentProblem.DAMAGED),
        (b"\xff\xd8\xff<script>", AttachmentProblem.DAMAGED),
    ],
    ids=str,
)
def test_a_file_is_what_its_content_is(
    content: bytes, expected: MediaType | AttachmentProblem
) -> None:
    assert detected(content) is expected


@pytest.mark.parametrize("whole", [PDF, JPEG, PNG, WEBP], ids=["pdf", "jpeg", "png", "webp"])
def test_a_file_with_anything_before_its_start_is_refused(whole: bytes) -> None:
    assert detected(b" " + whole) is AttachmentProblem.TYPE


@given(st.binary(max_size=200))
def test_any_content_is_one_of_four_kinds_or_has_a_problem(content: bytes) -> None:
    assert isinstance(detected(content), MediaType | AttachmentProblem)


@pytest.mark.parametrize(
    ("given_name", "media_type", "cleaned"),
    [
        ("passport.pdf", MediaType.PDF, "passport.pdf"),
        ("C:\\scans\\K48.PDF", MediaType.PDF, "K48.pdf"),
        ("../../etc/passwd", MediaType.PDF, "passwd.pdf"),
        ("..", MediaType.PNG, "file.png"),
        ("", MediaType.WEBP, "file.webp"),
        (".htaccess", MediaType.PDF, "htaccess.pdf"),
        ("photo.jpeg", MediaType.JPEG, "photo.jpeg"),
        ("photo.pdf", MediaType.JPEG, "photo.jpg"),
        ("invoice.exe", MediaType.PDF, "invoice.exe.pdf"),
        ("page.html", MediaType.PDF, "page.html.pdf"),
        ("v1.2", MediaType.PDF, "v1.2.pdf"),
        ("invoice\u202efdp.exe", MediaType.PDF, "invoicefdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1\0.pdf", MediaType.PDF, "a Set-Cookie_ x=1.pdf"),
        ("NUL.pdf", MediaType.PDF, "_NUL.pdf"),
        ("com1.tar.pdf", MediaType.PDF, "_com1.tar.pdf"),
        ("گذرنامه‌ی لاله.pdf", MediaType.PDF, "گذرنامه‌ی لاله.pdf"),
        ("Διαβατήριο.png", MediaType.PNG, "Διαβατήριο.png"),
        ("x" * 300 + ".pdf", MediaType.PDF, "x" * 100 + ".pdf"),
        ("\ud800.pdf", MediaType.PDF, "\N{REPLACEMENT CHARACTER}.pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_the_content_is(
    given_name: str, media_type: MediaType, cleaned: str
) -> None:
    assert clean_filename(given_name, media_type) == cleaned


@pytest.mark.defends("attachments")
@given(st.text(max_size=1200), st.sampled_from(MediaType))
def test_any_name_becomes_one_short_visible_name_without_a_folder(
    name: str, media_type: MediaType
) -> None:
    cleaned = clean_filename(name, media_type)
    assert 5 <= len(cleaned) <= 110
    assert not set(cleaned) & set('/\\\0\r\n"<>:|?*\u202e\u2066')
    assert not cleaned.startswith(".")
    assert cleaned.encode()
    assert clean_filename(cleaned, media_type) == cleaned
