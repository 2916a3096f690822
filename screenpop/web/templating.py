"""Renders pages from templates in the user's language, with the data common to all pages."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from screenpop.accounts.permissions import RIGHTS
from screenpop.accounts.users import UserId
from screenpop.customers.place_names import place_name
from screenpop.web.assets import Assets
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.translations import Catalogue

THEMES = ("auto", "light", "dark")
_A_FORM_LASTS_S = 12 * 3600
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Renderer:
    templates: Environment
    catalogues: Mapping[str, Catalogue]
    assets: Assets
    cookies: Cookies
    languages: tuple[str, ...]
    """Offered languages; the first is the default."""
    build: str
    demo: bool
    has_phone: Callable[[UserId], bool] = lambda _user: False
    """Returns whether this user has a phone now, so that pages show rings."""
    can_write: Callable[[], bool] = lambda: True
    can_call: bool = False
    """The office allows calling from a page."""
    """Returns whether the database can be written; each page shows if it cannot."""

    def page(
        self,
        request: Request,
        template: str,
        page: str,
        data: Mapping[str, object] | None = None,
        *,
        status: int = 200,
    ) -> HTMLResponse:
        """Return a rendered page; ``page``: its navigation key; ``data``: for the template."""
        current_user = current_user_of(request)
        catalogue = self.catalogues[self.language(request)]
        csrf = current_user.csrf if current_user else self._form_token(request)
        context = {
            "_": catalogue.gettext,
            "t": catalogue.gettext,
            "gettext": catalogue.gettext,
            "ngettext": catalogue.ngettext,
            "place": partial(place_name, language=catalogue.language),
            "lang": catalogue.language,
            "dir": catalogue.direction,
            "words_url": catalogue.url,
            "languages": self.languages,
            "theme": self.theme(request),
            "themes": THEMES,
            "user": current_user.user if current_user else None,
            "rights": {right.value for right in RIGHTS[current_user.user.role]}
            if current_user
            else set(),
            "card_preferences": current_user.user.card_preferences.to_mapping()
            if current_user
            else {},
            "csrf": csrf,
            "build": self.build,
            "page": page,
            "path": request.url.path,
            "demo": self.demo,
            "rings": current_user is not None and self.has_phone(current_user.user.id),
            "can_write": self.can_write(),
            "can_call": self.can_call and current_user is not None,
        }
        html = self.templates.get_template(template).render(context | dict(data or {}))
        response = HTMLResponse(html, status_code=status)
        if current_user is None:
            self.cookies.put(response, self.cookies.login_form, csrf, _A_FORM_LASTS_S)
        return response

    def language(self, request: Request) -> str:
        """Return the user's language, else that of the address of a wall screen, else that of the
        cookie, else the browser's preference."""
        current_user = current_user_of(request)
        if current_user is not None and current_user.user.language in self.languages:
            return current_user.user.language
        of_screen = getattr(request.state, "screen_language", "")
        if of_screen in self.languages:
            return str(of_screen)
        chosen = request.cookies.get(self.cookies.language, "")
        return chosen if chosen in self.languages else self._preferred(request)

    def theme(self, request: Request) -> str:
        chosen = request.cookies.get(self.cookies.theme, "")
        return chosen if chosen in THEMES else THEMES[0]

    def _form_token(self, request: Request) -> str:
        brought = request.cookies.get(self.cookies.login_form, "")
        return brought if _FORM_TOKEN.fullmatch(brought) else secrets.token_urlsafe(32)

    def _preferred(self, request: Request) -> str:
        """Return the first offered language in ``Accept-Language``, in header order."""
        for wish in request.headers.get("accept-language", "")[:256].split(","):
            language = wish.split(";")[0].strip().lower().split("-")[0]
            if language in self.languages:
                return language
        return self.languages[0]


def current_user_of(request: Request) -> CurrentUser | None:
    """Return the user that ``UserResolver`` found earlier in this request."""
    current_user = getattr(request.state, "current_user", None)
    return current_user if isinstance(current_user, CurrentUser) else None


def open_templates(folder: Path, assets: Assets) -> Environment:
    """Return the templates of this folder; each is compiled once per process."""
    templates = _compiled(folder, assets.version)
    templates.globals["asset"] = assets.url  # a global, as imported macros need it too
    return templates


@cache
def _compiled(folder: Path, assets_version: str) -> Environment:
    """Return compiled templates per asset version, as imported macros keep asset addresses."""
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        # An undefined name in a template is a bug and must not render as empty.
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # it would look at the time of each file for every page
    )
    # {% trans %} hands its parameters to gettext, which fills them in before they are escaped.
    templates.newstyle_gettext = True  # type: ignore[attr-defined]
    return templates
