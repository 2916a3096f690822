"""From errors and peers' words to problems."""

import ssl

from screenpop.ami.address import AmiAddress
from screenpop.ami.problems import LinkProblem, ProblemCode, printable, problem


def why_not_connected(error: OSError, address: AmiAddress, doing: str) -> LinkProblem:
    where = {"host": address.host, "port": address.port}
    match error:
        case ConnectionRefusedError():
            return problem(ProblemCode.REFUSED, **where)
        case ssl.SSLError() | FileNotFoundError() | PermissionError():
            return problem(ProblemCode.TLS_FAILED, **where, why=printable(str(error)))
        case TimeoutError():
            limit = f"{address.timing.connect_limit:g}"
            return problem(ProblemCode.TIMED_OUT, doing=doing, after_s=limit)
        case _:
            return problem(ProblemCode.UNREACHABLE, **where, why=printable(str(error)))


def why_lost(error: OSError) -> LinkProblem:
    if isinstance(error, ConnectionAbortedError):
        return problem(ProblemCode.CLOSED)
    return problem(ProblemCode.CONNECTION_LOST, why=printable(str(error)))


def why_not_in(username: str, said: str) -> LinkProblem:
    """``said`` are Asterisk's own words (main/manager.c); it has the same for a wrong name, a wrong
    secret and an address that the ACL does not permit."""
    match said:
        case "Authentication failed":
            return problem(ProblemCode.WRONG_SECRET, username=username)
        case "Login Already In Use":
            return problem(ProblemCode.ALREADY_LOGGED_IN, username=username)
        case _:
            return problem(ProblemCode.LOGIN_REFUSED, username=username, said=printable(said))


def why_action_refused(action: str, said: str) -> LinkProblem:
    if said.startswith("Permission denied"):
        return problem(ProblemCode.CLASS_REFUSED, action=action, missing="reporting")
    return problem(ProblemCode.ACTION_REFUSED, action=action, said=printable(said))


def not_asterisk(address: AmiAddress, greeting: str) -> LinkProblem:
    return problem(
        ProblemCode.NOT_ASTERISK,
        host=address.host,
        port=address.port,
        greeting=printable(greeting),
    )
