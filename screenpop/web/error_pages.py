"""Error responses: a page for browsers, JSON for programs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from jinja2 import TemplateNotFound
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from screenpop.accounts.token_scopes import Scope
from screenpop.web.auth.current_user import MissingScopeError, optional_user
from screenpop.web.auth.refusal_log import RefusalLog
from screenpop.web.problem_details import is_for_programs, problem_response
from screenpop.web.templating import Renderer

SENTENCES = {
    "not_logged_in": "Log in first, or bring the token of the token file.",
    "bad_token": "The token is unknown, expired or revoked; an administrator makes a new one under"
    " API tokens.",
    "missing_scope": "The token lacks the scope {scope}; make one that has it under API tokens.",
    "token_in_address": "This token may do more than read phonebooks, so it may be in no address,"
    " where logs keep it: revoke it, and make one with phonebook:read alone.",
    "not_for_tokens": "No token opens this; a person has to log in.",
    "too_many_tries": "Too many unknown tokens came from this address; try again in a minute.",
    "not_allowed": "Your role does not allow this; ask an administrator.",
    "confirm_password": "Type your password again first, on the page or as password.",
    "stale_form": "The form is too old or not from here; load the page again and repeat it.",
    "simulator_off": "Calls cannot be played here; set simulate = true to allow it.",
    "not_found": "There is nothing here.",
    "wrong_method": "This address does not take that method; Allow names those it takes.",
    "wrong_type": "The body has to be of the media type that the API's description names.",
    "too_large": "This is more than the server takes at once.",
    "bad_request": "The request could not be understood.",
    "export_busy": "Two exports are being written now; ask again in a minute.",
    "tiers_not_counted": "The changes could not be counted; the reason is in the server's log.",
    "export_failed": "The file could not be written; the reason is in the server's log.",
    "import_busy": "This import is being worked on; wait until busy is false, or cancel it.",
    "import_not_checked": "Check the import first: POST .../check, then wait until busy is false.",
    "import_too_many": "Too many files are being worked on; wait until one is done.",
    "import_columns": "These columns cannot be: one field for each column, each but phones, e-mails"
    " and notes only once, and a name and a phone among them.",
    "may_be_on_file": "Customers on file may be this person: look at on_file. To create another"
    " one, send it again with anyway=true.",
    "period_reversed": "The day in since is after the day in until; swap them.",
    "period_too_long": "A report covers three years at most; choose a later day for since.",
    "unknown_sort": "Sort calls by newest, oldest, longest_wait or longest_talk.",
    "view_name": "Give the view a name of 60 characters at most.",
    "view_too_many": "You have 50 views already; delete one first.",
    "view_not_shared": "This view is private to another user, or it was deleted.",
    "note_empty": "Write something first; an empty note is not kept.",
    "note_too_long": "A note has at most 10,000 characters, with what is there already.",
    "note_changed": "The note was changed meanwhile; read it again, then correct it.",
    "bad_arguments": "Name a reason for the pause.",
    "queues_refused": "The PBX refused; your state is unchanged. Try again, or pause at the phone.",
    "calling_off": "Calling from a page is off; set click_to_call_context of the PBX to allow it.",
    "calling_not_allowed": "The AMI user may not place calls; add originate to write = in"
    " manager.conf, as in asterisk_conf/optional.",
    "calling_refused": "The PBX refused the call; check the context and the phone.",
    "no_own_phone": "You have no phone on a PBX that allows calling; take one under Your settings.",
    "not_dialable": "This number cannot be dialled; correct it on the customer's page.",
    "premium_number": "This is a premium-rate number; it is never dialled from a page.",
    "country_not_allowed": "Numbers of this country are not dialled from a page; add it to"
    " click_to_call_countries of the PBX, or dial on your phone.",
    "too_many_placed": "You have placed as many calls in this hour as click_to_call_per_hour"
    " allows; wait, or dial on your phone.",
    "on_a_call": "You are on a call; end it first.",
    "taken_by_other": "A colleague has taken this caller; take another one, or ask them or a"
    " supervisor to give it back.",
    "unknown_callback": "This caller is not waiting any more: they were talked to, or a colleague"
    " has marked them as done.",
    "unknown_user": "This user has no account or a disabled one; choose another user.",
    "pbx_unreachable": "The PBX cannot be reached now; dial on your phone.",
    "database_away": "The database cannot be read or written now; nothing was changed. Try again in"
    " a minute. The reason is in the server's log.",
    "calls_away": "The process that reads the PBX does not answer now; try again in some seconds.",
    "document_key": "The key for numbers of documents is missing or not the right one; bring its"
    " file back from the backup. Everything else works.",
    "attachment_empty": "The file is empty; choose another one.",
    "attachment_type": "Only PDF, JPEG, PNG and WebP files are kept, whatever their name is.",
    "attachment_heic": "This is a HEIC photo, which browsers do not show; send it as JPEG.",
    "attachment_damaged": "The file is not whole, or it is not what its first bytes claim.",
    "attachment_too_large": "A file has at most 10 MB.",
    "attachment_too_many": "A customer has at most 100 files; remove one first.",
    "attachment_trip": "This trip is not of this customer.",
    "attachment_disk_full": "The disk of the server is full, so the file was not kept; free some"
    " space, then send it again.",
    "attachment_folder": "The folder of the files cannot be written, so the file was not kept; the"
    " reason is in the server's log.",
    "attachment_unreadable": "The file is missing or damaged on the server's disk; bring the folder"
    " attachments back from the backup.",
    "offer_has_answers": "Customers have answered this offer, so it stays; switch it off instead.",
    "offer_has_vouchers": "This offer has given vouchers, so it stays; switch it off instead.",
    "too_many_offers": "There are 1,000 offers; delete one that was never answered first.",
    "failed": "Something went wrong here; it is in the server's log.",
}
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "wrong_method",
    415: "wrong_type",
    413: "too_large",
    422: "bad_request",
    429: "too_many_tries",
}


class ErrorPages:
    """Exception handlers."""

    def __init__(self, renderer: Renderer, refusals: RefusalLog) -> None:
        self._renderer, self._refusals = renderer, refusals

    async def http(self, request: Request, problem: Exception) -> Response:
        if not isinstance(problem, HTTPException):
            raise problem
        if problem.status_code == 401 and not is_for_programs(request.url.path):
            return _to_login(request)
        await _identify_user(request)
        code, _, field = problem.detail.partition(":")
        if code not in SENTENCES:
            code = _CODES.get(problem.status_code, "failed")
        if problem.status_code == 403:
            self._refusals.refused(request, code)
        details = [{"field": field, "problem": "this value is not possible here"}] if field else []
        if isinstance(problem, MissingScopeError) and problem.scope is not None:
            response = self._missing_scope(request, problem.scope)
        else:
            response = self._respond(request, problem.status_code, code, details)
        response.headers.update(problem.headers or {})
        if problem.status_code == 401:
            response.headers.setdefault("WWW-Authenticate", "Bearer")  # RFC 9110, 15.5.2
        return response

    async def invalid(self, request: Request, problem: Exception) -> Response:
        if not isinstance(problem, RequestValidationError):
            raise problem
        details = [
            {"field": ".".join(str(part) for part in error["loc"][1:]), "problem": error["msg"]}
            for error in problem.errors()
        ]
        return self._respond(request, 422, "bad_request", details)

    async def database(self, request: Request, _problem: Exception) -> Response:
        """Handle a database that is away, damaged, locked or full; the log has its sentence."""
        response = self._respond(request, 503, "database_away")
        response.headers["Retry-After"] = "60"
        return response

    async def calls(self, request: Request, _problem: Exception) -> Response:
        """Handle that the process that owns the calls is away."""
        response = self._respond(request, 503, "calls_away")
        response.headers["Retry-After"] = "5"
        return response

    async def unexpected(self, request: Request, _problem: Exception) -> Response:
        return self._respond(request, 500, "failed")

    def _missing_scope(self, request: Request, scope: Scope) -> Response:
        """Return the response that names the missing scope: only routes for programs have one."""
        if _wants_only_a_name(request):
            return PlainTextResponse("", status_code=403)
        sentence = SENTENCES["missing_scope"].format(scope=scope)
        return problem_response(403, "missing_scope", sentence, more={"scope": scope})

    def _respond(
        self,
        request: Request,
        status: int,
        code: str,
        details: Sequence[Mapping[str, str]] = (),
    ) -> Response:
        if _wants_only_a_name(request):
            return PlainTextResponse("", status_code=status)
        if is_for_programs(request.url.path):
            return problem_response(status, code, SENTENCES[code], details)
        try:
            return self._renderer.page(
                request,
                "error.html",
                "error",
                {"code": code, "sentence": SENTENCES[code], "http_status": status},
                status=status,
            )
        except TemplateNotFound:
            return PlainTextResponse(SENTENCES[code] + "\n", status_code=status)


def _wants_only_a_name(request: Request) -> bool:
    """Return whether a PBX would show the body of the response as a caller's name."""
    is_lookup = request.url.path == "/api/v1/lookup"
    return is_lookup and request.query_params.get("format") == "text"


async def _identify_user(request: Request) -> None:
    """Resolve the user of a request without a matching route, which no dependency did."""
    if not hasattr(request.state, "current_user"):
        # If the user cannot be resolved, the page for unknown users is shown.
        with suppress(Exception):
            await optional_user(request)


def _to_login(request: Request) -> Response:
    if request.method != "GET":
        return RedirectResponse("/login", 303)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/login" if wanted == "/" else f"/login?next={quote(wanted)}", 303)
