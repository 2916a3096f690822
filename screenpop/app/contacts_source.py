"""Reads contacts of another program (a vCard file) on a timer, for the import of watched files.

The file is kept in the data folder; the watched folder imports it when it differs, idempotently.
"""

import asyncio
from pathlib import Path

import structlog

from screenpop.app.http_client import HttpError, request
from screenpop.settings.caller_source import ContactsSettings
from screenpop.webhooks.addresses import may_ask

_log = structlog.get_logger()

FOLDER = "contacts"
LARGEST_FILE = 32 * 1024 * 1024
TIMEOUT_S = 120.0
_BEGIN = b"BEGIN:VCARD"

SENTENCES = {
    "slow": "The contacts were not read: the other program took more than two minutes.",
    "unreachable": "The contacts were not read: the other program cannot be reached ({detail});"
    " check contacts.url.",
    "address": "The contacts were not read: http is possible with contacts.private_http = true, to"
    " private addresses only.",
    "no_http": "The contacts were not read: the other program does not answer with HTTP that can be"
    " read.",
    "too_large": "The contacts were not read: there are more than 32 MB.",
    "status": "The contacts were not read: the other program answers with status {detail};"
    " redirects are not followed, and 401 or 403 mean that contacts.headers_file lacks a key.",
    "type": "The contacts were not read: the answer is no vCard file; check contacts.url.",
    "headers": "The contacts were not read: {detail}.",
}


class ContactsSource:
    """``look`` is one reading; ``run`` repeats it."""

    def __init__(self, settings: ContactsSettings, data_dir: Path) -> None:
        self._settings = settings
        self.folder = data_dir.absolute() / FOLDER
        self.problem = ""
        """The code of the last reading's problem; empty after a good one."""

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(self._settings.every_minutes * 60)

    async def look(self) -> bool:
        """Read the contacts; return whether the file in the folder is new or changed."""
        try:
            body = await self._read()
            changed = await asyncio.to_thread(self._keep, body)
        except HttpError as problem:
            self._report(problem.code, problem.detail)
            return False
        except OSError as problem:
            _log.warning("The contacts could not be kept", why=str(problem))
            return False
        self.problem = ""
        return changed

    async def _read(self) -> bytes:
        settings = self._settings
        try:
            headers = await asyncio.to_thread(settings.read_headers)
        except ValueError as problem:
            raise HttpError("headers", str(problem)) from problem
        answer = await request(
            "GET",
            settings.url,
            {"Accept": "text/vcard", **headers},
            is_allowed=may_ask(settings.url, private_http=settings.private_http),
            timeout_s=TIMEOUT_S,
            limit=LARGEST_FILE,
        )
        if answer.status != 200:
            raise HttpError("status", str(answer.status))
        # A login page in the place of the contacts shall not replace them.
        if not answer.body.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(_BEGIN):
            raise HttpError("type")
        return answer.body

    def _keep(self, body: bytes) -> bool:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.folder / "contacts.vcf"
        if file.exists() and file.read_bytes() == body:
            return False
        new = self.folder / "contacts.new"
        new.write_bytes(body)
        new.replace(file)
        return True

    def _report(self, code: str, detail: str) -> None:
        if code != self.problem:
            _log.warning(SENTENCES[code].format(detail=detail))
        self.problem = code
