"""The answer when a change of a callback is refused."""

from starlette.responses import JSONResponse

from screenpop.store.calls.taken_callbacks import CallbackRefusedError, Taken
from screenpop.web.calls.views import View
from screenpop.web.error_pages import SENTENCES
from screenpop.web.problem_details import problem_response


def callback_refusal(refused: CallbackRefusedError) -> JSONResponse:
    """Return 409 with the code, the remedy, and ``taken``: the user who has the callback."""
    code = refused.code.value
    more = {"taken": taken_view(refused.taken)} if refused.taken else None
    return problem_response(409, code, SENTENCES[code], more=more)


def taken_view(taken: Taken | None) -> View | None:
    return None if taken is None else {"id": taken.user_id, "name": taken.name, "at": taken.at}
