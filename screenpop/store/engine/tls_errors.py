"""Errors of connections to PostgreSQL that fail because of TLS."""

import os
import ssl

from screenpop.common.certificate_faults import (
    NO_CERTIFICATE_REASONS,
    CertificateFault,
    certificate_fault,
)
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.url import DatabaseUrl


def tls_failure(address: DatabaseUrl, cause: BaseException) -> DatabaseProblemError | None:
    """Return the error, with the remedy, for a failure that TLS is the reason of, else None."""
    sentence = _sentence(address, cause)
    return None if sentence is None else DatabaseProblemError("unreachable", sentence)


def _sentence(address: DatabaseUrl, cause: BaseException) -> str | None:
    authorities = address.tls.get("sslrootcert", "")
    match cause:
        case ssl.SSLCertVerificationError():
            return _refused(address, cause)
        case ssl.SSLError(reason=reason) if authorities and reason in NO_CERTIFICATE_REASONS:
            return (
                f"The file {authorities} (sslrootcert of the database setting) contains no"
                " certificate. Write the certificate of the authority (PEM) into it."
            )
        case FileNotFoundError() | PermissionError():
            files = (address.tls.get(word) for word in ("sslrootcert", "sslcert", "sslkey"))
            unread = next((file for file in files if file and not os.access(file, os.R_OK)), None)
            return unread and (
                f"The file {unread}, which the database setting names, cannot be read. Correct its"
                " path or its rights."
            )
        case _:
            return None


def _refused(address: DatabaseUrl, error: ssl.SSLCertVerificationError) -> str:
    whose = f"The certificate of PostgreSQL at {address.url.host}"
    match certificate_fault(error.verify_code):
        case CertificateFault.DATE:
            return (
                f"{whose} has expired, or is not valid yet by the clock of this machine. Renew it,"
                " or correct the clock."
            )
        case CertificateFault.AUTHORITY:
            return (
                f"{whose} is of an authority that is not in sslrootcert"
                f" ({address.tls.get('sslrootcert') or 'not in the database setting'}). Name the"
                " file of its authority there."
            )
        case CertificateFault.NAME:
            return (
                f"{whose} is for another name. Write a name that it contains into the database"
                " setting."
            )
        case None:
            return f"{whose} is refused: {error.verify_message}."
