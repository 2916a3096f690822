"""Exceptions of this package; each carries a problem code."""

from asterisk.manager import ManagerAuthException, ManagerException, ManagerSocketException

from screenpop.ami.problem_codes import LinkProblem


class AmiError(ManagerException):
    """A failure between Screenpop and the PBX; ``problem`` has its code."""

    def __init__(self, problem: LinkProblem) -> None:
        params = ", ".join(f"{name}={value}" for name, value in problem.params.items())
        super().__init__(f"{problem.code} ({params})" if params else str(problem.code))
        self.problem = problem


class AmiConnectionError(AmiError, ManagerSocketException):
    """The connection failed or ended."""


class AmiLoginError(AmiError, ManagerAuthException):
    """The PBX refused the login."""


class AmiTimedOutError(AmiError):
    """The PBX did not answer an action in time."""


class UnsafeActionError(ManagerException):
    """An action that AMI would misread. It was not sent."""
