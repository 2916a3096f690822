"""Keeps the certificates of an office without a public domain in a folder.

``screenpop-ca.crt`` is installed on the devices; ``screenpop-ca.key`` signs and stays secret
(0600); ``server.crt`` and ``server.key`` are for the proxy. Nothing is ever overwritten but a
``server.crt`` that is renewed, and the one before stays beside it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from screenpop.app.secret_files import write_secret_file
from screenpop.certificates.issue import (
    CertificateFacts,
    CertificateFileError,
    KeyPair,
    facts_of,
    is_due,
    issue,
    make_authority,
)
from screenpop.certificates.names import parse_names

AUTHORITY_KEY, AUTHORITY = "screenpop-ca.key", "screenpop-ca.crt"
SERVER_KEY, SERVER, SERVER_BEFORE = "server.key", "server.crt", "server.before.crt"


class CertificateFolderError(Exception):
    """The files cannot be made or renewed; the message has the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class OfficeCertificate:
    folder: Path
    server: CertificateFacts
    authority: CertificateFacts
    is_new: bool
    """False: the certificate is not due yet, and nothing was changed."""


def make_certificates(folder: Path, names: Sequence[str], now: datetime) -> OfficeCertificate:
    """Make the authority, unless the folder has one, and the server's first certificate.

    Raises ``CertificateFolderError``, ``CertificateNameError``, ``CertificateFileError`` and
    ``OSError``.
    """
    wanted = parse_names(names)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (SERVER_KEY, SERVER):
        if (folder / name).exists():
            raise CertificateFolderError(
                f"{folder / name} exists already and is not overwritten. To renew the certificate:"
                f" screenpop certificate --renew --to {folder}"
            )
    if (folder / AUTHORITY).exists() != (folder / AUTHORITY_KEY).exists():
        raise CertificateFolderError(
            f"{folder} has only one of {AUTHORITY} and {AUTHORITY_KEY}. Bring the other back from"
            " the backup, or use another folder."
        )
    if not (folder / AUTHORITY).exists():
        authority = make_authority(wanted, now)
        write_secret_file(folder / AUTHORITY_KEY, authority.key)
        _write_public(folder / AUTHORITY, authority.certificate)
    server = issue(_read_authority(folder), wanted, now)
    write_secret_file(folder / SERVER_KEY, server.key)
    _write_public(folder / SERVER, server.certificate)
    return _made(folder, is_new=True)


def renew_certificate(folder: Path, now: datetime) -> OfficeCertificate:
    """Renew the server's certificate if it is due; its names and its key stay the same.

    One file is replaced, so that key and certificate always belong together. Raises as
    ``make_certificates``.
    """
    for name in (AUTHORITY_KEY, AUTHORITY, SERVER_KEY, SERVER):
        if not (folder / name).is_file():
            raise CertificateFolderError(
                f"{folder / name} is missing. To make certificates: screenpop certificate NAME"
                f" --to {folder}"
            )
    before = (folder / SERVER).read_bytes()
    facts = facts_of(before)
    if not is_due(facts, now):
        return _made(folder, is_new=False)
    key = (folder / SERVER_KEY).read_bytes()
    server = issue(_read_authority(folder), facts.names, now, key)
    _write_public(folder / SERVER_BEFORE, before)
    _write_public(folder / SERVER, server.certificate)
    return _made(folder, is_new=True)


def _made(folder: Path, *, is_new: bool) -> OfficeCertificate:
    server, authority = folder / SERVER, folder / AUTHORITY
    return OfficeCertificate(
        folder, facts_of(server.read_bytes()), facts_of(authority.read_bytes()), is_new
    )


def _read_authority(folder: Path) -> KeyPair:
    try:
        return KeyPair((folder / AUTHORITY_KEY).read_bytes(), (folder / AUTHORITY).read_bytes())
    except OSError as problem:
        raise CertificateFileError(f"The authority cannot be read: {problem}.") from problem


def _write_public(path: Path, data: bytes) -> None:
    """Write atomically, readable for all: browsers get these files anyway."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write_secret_file(temporary, data)
    temporary.chmod(0o644)
    temporary.replace(path)
