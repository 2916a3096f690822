"""The response to an action on a row of a work list that is not possible any more."""

from starlette.responses import JSONResponse

from screenpop.web.problem_details import problem_response


def row_refusal(code: str, name: str) -> JSONResponse:
    """Return the response; ``name``: of the user who has the row, or empty."""
    sentence = "Another user has this row, or it is done or gone; load the list again."
    return problem_response(409, code, sentence, more={"error": code, "name": name})
