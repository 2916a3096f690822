"""Why a server's certificate was refused, from the codes of OpenSSL."""

from enum import StrEnum


class CertificateFault(StrEnum):
    DATE = "date"
    """It has expired or is not valid yet, by the clock of this machine."""
    AUTHORITY = "authority"
    """No authority that is trusted here has signed it."""
    NAME = "name"
    """It is for another name or address."""


NO_CERTIFICATE_REASONS = frozenset({"NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE"})
"""OpenSSL's reasons (``ssl.SSLError.reason``) for a file of authorities without a certificate."""


def certificate_fault(verify_code: int) -> CertificateFault | None:
    """Return the fault of a refused certificate; None for one that has no remedy of its own.

    ``verify_code``: of ``ssl.SSLCertVerificationError``, from openssl/x509_vfy.h.
    """
    match verify_code:
        case 9 | 10:
            return CertificateFault.DATE
        case 18 | 19 | 20 | 21:
            return CertificateFault.AUTHORITY
        case 62 | 64:
            return CertificateFault.NAME
        case _:
            return None
