"""Maps exceptions and the PBX's messages to problem codes."""

import ssl

from screenpop.ami.config import AmiConfig
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, printable, problem
from screenpop.common.certificate_faults import (
    NO_CERTIFICATE_REASONS,
    CertificateFault,
    certificate_fault,
)

_NO_TLS_THERE = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL"}
)
"""OpenSSL's reasons for a greeting in plain text (``ssl.SSLError.reason``)."""


def connect_problem(error: OSError, address: AmiConfig, doing: str) -> LinkProblem:
    where = {"host": address.host, "port": address.port}
    match error:
        case ConnectionRefusedError():
            return problem(ProblemCode.REFUSED, **where)
        case ssl.SSLCertVerificationError():
            return _why_not_trusted(error, address)
        case ssl.SSLError(reason=reason) if reason in _NO_TLS_THERE:
            return problem(ProblemCode.PORT_IS_PLAIN, **where)
        case ssl.SSLError() if address.tls is not None and error.reason in NO_CERTIFICATE_REASONS:
            return _bad_ca_file(address, "it holds no certificate")
        case ssl.SSLError():
            return problem(ProblemCode.TLS_FAILED, **where, why=printable(str(error)))
        case FileNotFoundError() | PermissionError() | IsADirectoryError():
            return _bad_ca_file(address, error.strerror or str(error))
        case TimeoutError():
            limit = f"{address.timing.connect_limit:g}"
            return problem(ProblemCode.TIMED_OUT, doing=doing, after_s=limit)
        case _:
            return problem(ProblemCode.UNREACHABLE, **where, why=printable(str(error)))


def _why_not_trusted(error: ssl.SSLCertVerificationError, address: AmiConfig) -> LinkProblem:
    where = {"host": address.host, "port": address.port}
    match certificate_fault(getattr(error, "verify_code", 0)):
        case CertificateFault.DATE:
            return problem(ProblemCode.CERTIFICATE_DATE, **where)
        case CertificateFault.AUTHORITY:
            return problem(ProblemCode.CERTIFICATE_UNKNOWN, **where)
        case CertificateFault.NAME:
            name = (address.tls.server_name if address.tls else "") or address.host
            return problem(ProblemCode.CERTIFICATE_NAME, name=name)
        case None:
            return problem(ProblemCode.TLS_FAILED, **where, why=printable(str(error)))


def _bad_ca_file(address: AmiConfig, why: str) -> LinkProblem:
    path = address.tls.ca_file if address.tls else ""
    return problem(ProblemCode.CA_FILE, path=printable(path), why=printable(why))


def disconnect_problem(error: OSError) -> LinkProblem:
    if isinstance(error, ConnectionAbortedError):
        return problem(ProblemCode.CLOSED)
    return problem(ProblemCode.CONNECTION_LOST, why=printable(str(error)))


def login_problem(username: str, message: str) -> LinkProblem:
    """Return the problem of a refused login. ``message`` is Asterisk's own (main/manager.c).

    Asterisk has the same message for a wrong name, a wrong secret and an address that the ACL does
    not permit.
    """
    match message:
        case "Authentication failed":
            return problem(ProblemCode.WRONG_SECRET, username=username)
        case "Login Already In Use":
            return problem(ProblemCode.ALREADY_LOGGED_IN, username=username)
        case _:
            return problem(ProblemCode.LOGIN_REFUSED, username=username, said=printable(message))


def action_problem(action: str, message: str) -> LinkProblem:
    if message.startswith("Permission denied"):
        return problem(ProblemCode.CLASS_REFUSED, action=action, missing="reporting")
    return problem(ProblemCode.ACTION_REFUSED, action=action, said=printable(message))


def greeting_problem(address: AmiConfig, greeting: str) -> LinkProblem:
    return problem(
        ProblemCode.NOT_ASTERISK,
        host=address.host,
        port=address.port,
        greeting=printable(greeting),
    )


def too_old(address: AmiConfig, version: str) -> LinkProblem:
    return problem(ProblemCode.TOO_OLD, host=address.host, version=printable(version, 20))


def port_is_tls(address: AmiConfig) -> LinkProblem:
    return problem(ProblemCode.PORT_IS_TLS, host=address.host, port=address.port)
