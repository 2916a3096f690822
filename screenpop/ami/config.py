"""The address, credentials and timeouts of a PBX."""

from collections.abc import Callable
from dataclasses import dataclass, field

from screenpop.telephony.identifiers import PbxId


@dataclass(frozen=True, slots=True)
class AmiTls:
    """AMI over TLS, verified in one of three ways.

    With ``pin_sha256`` (hex, colons allowed) only the certificate itself is compared, whatever
    names it contains: right for the self-signed certificates of most PBXes. Otherwise it must come
    from ``ca_file`` (PEM), or from an authority the system trusts, and carry ``server_name`` (the
    host when empty).
    """

    ca_file: str = ""
    pin_sha256: str = ""
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class AmiTimeouts:
    """Seconds. A dead PBX is detected after at most ``ping_every + ping_limit``."""

    ping_every: float = 3.0
    ping_limit: float = 3.0
    connect_limit: float = 5.0
    """From the name lookup to the greeting."""
    login_limit: float = 5.0
    """Asterisk waits one second before it refuses a login."""
    reply_limit: float = 3.0
    list_limit: float = 10.0
    retry_after: float = 1.0
    """Pause before a list or the boot state is requested again."""
    boot_grace: float = 15.0
    """How long a PBX without ``FullyBooted`` may still be loading its modules."""
    audit_every: float = 60.0
    audit_hold: float = 0.25
    """How long an audit may hold events back to keep the exact order."""
    backoff_first: float = 0.5
    backoff_most: float = 10.0


@dataclass(frozen=True, slots=True)
class AmiConfig:
    pbx: PbxId
    host: str
    """A name, an IPv4 or an IPv6 address (no brackets)."""
    username: str
    secret: str = field(repr=False)
    port: int = 5038
    tls: AmiTls | None = None
    timing: AmiTimeouts = AmiTimeouts()
    read_secret: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    """Returns the secret as it is now, where it is in a file that may be exchanged while the
    server runs; raises ``ValueError`` while the file is unusable."""

    def current_secret(self) -> str:
        """Return the secret for the next login; ``secret`` while ``read_secret`` fails."""
        if self.read_secret is None:
            return self.secret
        try:
            return self.read_secret()
        except ValueError:
            return self.secret
