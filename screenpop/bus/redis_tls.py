"""Sentences for connections to Redis that fail because of TLS."""

import os
import ssl
from pathlib import Path

from screenpop.common.certificate_faults import (
    NO_CERTIFICATE_REASONS,
    CertificateFault,
    certificate_fault,
)

_FOUND = (ssl.SSLError, FileNotFoundError, PermissionError)


def tls_problem(problem: BaseException, place: str, ca_file: Path | None) -> str | None:
    """Return the sentence, with the remedy, for an error that TLS is the reason of, else None.

    ``place``: the address of Redis without the password.
    """
    found: BaseException | None = problem
    while found is not None and not isinstance(found, _FOUND):
        found = found.__cause__ or found.__context__
    match found:
        case ssl.SSLCertVerificationError():
            return _refused(found, place, ca_file)
        case ssl.SSLError(reason=reason) if ca_file and reason in NO_CERTIFICATE_REASONS:
            return f"redis.ca_file {ca_file} contains no certificate: write the authority's (PEM)"
        case FileNotFoundError() | PermissionError() if ca_file and not os.access(ca_file, os.R_OK):
            return f"redis.ca_file {ca_file} cannot be read: correct its path or its rights"
        case ssl.SSLError():
            return f"The TLS connection to Redis at {place} failed: {found}"
        case _:
            return None


def _refused(error: ssl.SSLCertVerificationError, place: str, ca_file: Path | None) -> str:
    match certificate_fault(error.verify_code):
        case CertificateFault.DATE:
            return (
                f"The certificate of Redis at {place} has expired, or is not valid yet by the clock"
                " of this machine: renew it, or correct the clock"
            )
        case CertificateFault.AUTHORITY:
            trusted = "the system" if ca_file is None else f"redis.ca_file {ca_file}"
            return (
                f"The certificate of Redis at {place} is of an authority that is not in {trusted}:"
                " name the file of its authority in redis.ca_file"
            )
        case CertificateFault.NAME:
            return (
                f"The certificate of Redis at {place} is for another name: write a name that it"
                " contains in redis.url"
            )
        case None:
            return f"The certificate of Redis at {place} is refused: {error.verify_message}"
