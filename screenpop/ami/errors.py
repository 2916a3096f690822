"""pyst2's errors, with the problem they stand for."""

from asterisk.manager import ManagerAuthException, ManagerException, ManagerSocketException

from screenpop.ami.problem_codes import LinkProblem


class AmiError(ManagerException):
    """Something between us and the PBX; ``problem`` says what."""

    def __init__(self, problem: LinkProblem) -> None:
        params = ", ".join(f"{name}={value}" for name, value in problem.params.items())
        super().__init__(f"{problem.code} ({params})" if params else str(problem.code))
        self.problem = problem


class AmiConnectionError(AmiError, ManagerSocketException):
    """No connection, or no longer."""


class AmiLoginError(AmiError, ManagerAuthException):
    """The PBX did not let us in."""


class AmiTimedOutError(AmiError):
    """The PBX did not answer an action in time."""


class UnsafeActionError(ManagerException):
    """An action that AMI would read as something else. Nothing was sent."""
