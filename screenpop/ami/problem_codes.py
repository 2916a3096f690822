"""Codes for why a PBX link is not live, with parameters; the web pages have the sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class ProblemCode(StrEnum):
    """A closed set of codes; each has one sentence with the remedy. Parameters in braces."""

    UNREACHABLE = "unreachable"
    """The PBX cannot be reached {host, port, why}: the name is unknown, no route, no answer."""
    REFUSED = "refused"
    """The machine answers, but no program listens on the port {host, port}."""
    TIMED_OUT = "timed_out"
    """Connected, but no answer in time {doing, after_s}."""
    NOT_ASTERISK = "not_asterisk"
    """Another program listens on the port {host, port, greeting}."""
    TOO_OLD = "too_old"
    """AMI {version} is of Asterisk 11 or older, which has no ``DialBegin`` {host}."""
    TLS_FAILED = "tls_failed"
    """No TLS connection {host, port, why}: certificate or protocol."""
    PORT_IS_PLAIN = "port_is_plain"
    """TLS is set, and the port {host, port} speaks AMI without it."""
    PORT_IS_TLS = "port_is_tls"
    """TLS is not set, and the port {host, port} speaks TLS."""
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    """Self-signed, or of an authority that is not trusted here {host, port}."""
    CERTIFICATE_NAME = "certificate_name"
    """The certificate is of another name than {name}."""
    CERTIFICATE_DATE = "certificate_date"
    """The certificate has expired, or is not valid yet {host, port}."""
    CA_FILE = "ca_file"
    """The file of trusted certificates cannot be read {path, why}."""
    WRONG_CERTIFICATE = "wrong_certificate"
    """The certificate is not the pinned one {expected, got}: SHA-256 as hex."""
    WRONG_SECRET = "wrong_secret"  # noqa: S105
    """Name, secret or address not accepted {username}: Asterisk does not report which."""
    ALREADY_LOGGED_IN = "already_logged_in"
    """``allowmultiplelogin = no`` and an older session is still open {username}."""
    LOGIN_REFUSED = "login_refused"
    """The login was refused with another message ``{username, said}``."""
    CLASS_REFUSED = "class_refused"
    """An action needs a class that the AMI user lacks {action, missing}: under ``write =``."""
    ACTION_REFUSED = "action_refused"
    """An action was refused with another message ``{action, said}``."""
    NO_EVENT_PERMISSION = "no_event_permission"
    """The link is live, but events do not come {missing}: a class under ``read =``."""
    NOT_BOOTED = "not_booted"
    """The PBX is still starting."""
    INCOMPLETE_LISTS = "incomplete_lists"
    """A list did not arrive completely {action}; requested again."""
    OVERRUN = "overrun"
    """More events than the buffer takes {lost}: a new snapshot is read."""
    SILENT = "silent"
    """The connection is open, but the PBX stopped answering {after_s}."""
    CLOSED = "closed"
    """The PBX closed the connection."""
    SHUT_DOWN = "shut_down"
    """The PBX announced that it stops or restarts."""
    CONNECTION_LOST = "connection_lost"
    """The network broke the connection {why}."""
    INTERNAL = "internal"
    """An unexpected exception {error}; the log has the details."""


@dataclass(frozen=True, slots=True)
class LinkProblem:
    """A code with parameters as text; text of the peer (``greeting``, ``said``) is printable and
    short."""

    code: ProblemCode
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def problem(code: ProblemCode, **params: object) -> LinkProblem:
    return LinkProblem(code, MappingProxyType({name: str(value) for name, value in params.items()}))


def printable(text: str, most: int = 80) -> str:
    """Return a peer's text without control characters, shortened."""
    cleaned = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:most])
    return cleaned + "…" if len(text) > most else cleaned
