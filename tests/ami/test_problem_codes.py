import ssl

import pytest

from screenpop.ami.config import AmiConfig
from screenpop.ami.error_mapping import (
    action_problem,
    connect_problem,
    disconnect_problem,
    login_problem,
)
from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.problem_codes import ProblemCode, printable, problem
from screenpop.telephony.identifiers import PbxId

ADDRESS = AmiConfig(PbxId("office"), "pbx.lan", "pop", "hunter2")


def test_text_of_a_peer_is_displayed_short_and_without_control_characters() -> None:
    assert printable("a\x1b[31m\u202eb\n") == "a\ufffd[31m\ufffdb\ufffd"
    assert printable("x" * 100) == "x" * 80 + "…"


@pytest.mark.defends("ami-secret")
def test_an_error_contains_its_code_and_parameters_and_no_secret() -> None:
    refused = problem(ProblemCode.REFUSED, host="pbx.lan", port=5038)
    assert str(AmiConnectionError(refused)) == "refused (host=pbx.lan, port=5038)"
    assert "hunter2" not in repr(ADDRESS)


def test_parameters_of_an_error_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        problem(ProblemCode.REFUSED, port=1).params["port"] = "2"  # type: ignore[index]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError(), ProblemCode.REFUSED),
        (TimeoutError(), ProblemCode.TIMED_OUT),
        (ssl.SSLCertVerificationError("bad"), ProblemCode.TLS_FAILED),
        (FileNotFoundError("ca.pem"), ProblemCode.CA_FILE),
        (OSError(113, "No route to host"), ProblemCode.UNREACHABLE),
        (ConnectionResetError(), ProblemCode.UNREACHABLE),
    ],
)
def test_each_way_of_not_connecting_has_its_code(error: OSError, code: ProblemCode) -> None:
    assert connect_problem(error, ADDRESS, "connect").code is code


@pytest.mark.parametrize(
    ("verify_code", "code"),
    [
        (9, ProblemCode.CERTIFICATE_DATE),
        (10, ProblemCode.CERTIFICATE_DATE),
        (18, ProblemCode.CERTIFICATE_UNKNOWN),
        (20, ProblemCode.CERTIFICATE_UNKNOWN),
        (62, ProblemCode.CERTIFICATE_NAME),
        (64, ProblemCode.CERTIFICATE_NAME),
        (26, ProblemCode.TLS_FAILED),
    ],
)
def test_each_reason_of_a_refused_certificate_has_its_code(
    verify_code: int, code: ProblemCode
) -> None:
    error = ssl.SSLCertVerificationError("bad")
    error.verify_code = verify_code
    assert connect_problem(error, ADDRESS, "connect").code is code


def test_each_way_of_losing_has_its_code() -> None:
    assert disconnect_problem(ConnectionAbortedError()).code is ProblemCode.CLOSED
    assert disconnect_problem(ConnectionResetError("reset")).params == {"why": "reset"}


def test_asterisks_words_are_understood_exactly() -> None:
    assert login_problem("pop", "Authentication failed").code is ProblemCode.WRONG_SECRET
    assert login_problem("pop", "Login Already In Use").code is ProblemCode.ALREADY_LOGGED_IN
    assert login_problem("pop", "No").params == {"username": "pop", "said": "No"}
    assert action_problem("Ping", "Permission denied").code is ProblemCode.CLASS_REFUSED
    assert action_problem("Ping", "Why?").params == {"action": "Ping", "said": "Why?"}
