"""Cookies and their names on https and on plain http.

On https a cookie is ``Secure`` and carries the ``__Host-`` prefix (RFC 6265bis, 4.1.3.2): no
neighbouring host can set one. Plain http, as in ``http://pbx.lan``, can have neither: names have no
prefix, and everybody on the network can read the cookies. ``docs/operations.md`` explains this.
"""

from dataclasses import dataclass

from starlette.responses import Response

A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookies:
    https: bool

    @property
    def session(self) -> str:
        return self._name("screenpop_session")

    @property
    def login_form(self) -> str:
        """Name of the cookie with the login form's token, as there is no session yet."""
        return self._name("screenpop_form")

    @property
    def second_step(self) -> str:
        """Name of the cookie of a browser whose user has entered the right password."""
        return self._name("screenpop_second_step")

    @property
    def provider(self) -> str:
        """Name of the cookie of a browser that was sent to the login provider."""
        return self._name("screenpop_provider")

    @property
    def device(self) -> str:
        """Name of the cookie that lists earlier logins; it grants no access."""
        return self._name("screenpop_device")

    @property
    def theme(self) -> str:
        return self._name("screenpop_theme")

    @property
    def language(self) -> str:
        return self._name("screenpop_language")

    def put(self, response: Response, name: str, value: str, lasts_s: int | None = None) -> None:
        """Set a cookie hidden from scripts; without ``lasts_s`` it ends with the browser."""
        response.set_cookie(
            name,
            value,
            max_age=lasts_s,
            path="/",
            secure=self.https,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.https, httponly=True, samesite="lax")

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.https else name
