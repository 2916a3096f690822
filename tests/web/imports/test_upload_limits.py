"""Limits of an uploaded form: each at the limit, and one beside it."""

from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from screenpop.web.imports.uploads import _LONGEST_FIELD, _MOST_FIELDS, FormFile

pytestmark = pytest.mark.anyio


def form_of(fields: Sequence[str], *, file_at_end: bool = True) -> FormFile:
    """Return the form with these values in fields of their own, and a file behind them."""
    head = '--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = "".join(head % (f"field{number}", value) for number, value in enumerate(fields))
    if file_at_end:
        disposition = 'Content-Disposition: form-data; name="file"; filename="a.csv"'
        body += f"--x\r\n{disposition}\r\n\r\na,b\r\n"
    body += "--x--\r\n"

    async def receive() -> Message:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    return FormFile(Request({"type": "http", "headers": headers}, receive))


@pytest.mark.parametrize(("length", "is_read"), [(1023, True), (1024, True), (1025, False)])
async def test_a_field_before_the_file_has_at_most_1024_bytes(length: int, is_read: bool) -> None:
    assert _LONGEST_FIELD == 1024
    form = form_of(["x" * length])
    if is_read:
        await form.head()
        assert form.fields == {"field0": "x" * length}
        assert b"".join([piece async for piece in form.pieces()]) == b"a,b"
        return
    with pytest.raises(HTTPException) as refused:
        await form.head()
    assert refused.value.status_code == 400


@pytest.mark.parametrize(("fields", "is_read"), [(6, True), (7, True), (8, False)])
async def test_a_form_has_at_most_eight_parts_with_its_file(fields: int, is_read: bool) -> None:
    assert _MOST_FIELDS == 8
    form = form_of(["x"] * fields)
    if is_read:
        await form.head()
        assert (len(form.fields), form.filename) == (fields, "a.csv")
        return
    with pytest.raises(HTTPException) as refused:
        await form.head()
    assert refused.value.status_code == 400
