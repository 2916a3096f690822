"""``screenpop certificate``: https for an office without a public domain."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import errors_as_sentences, out, print_done

if TYPE_CHECKING:
    from screenpop.app.office_certificate import OfficeCertificate

_INSTALL = """
Install {authority} once on each device that opens Screenpop; compare its fingerprint (SHA-256):
  {sha256}

Windows    double-click, Install Certificate, Local Machine, Place all certificates in the following
           store: Trusted Root Certification Authorities. In a domain: a Group Policy does it.
Android    Settings, Security, Encryption and credentials, Install a certificate, CA certificate.
iOS        open the file, then Settings, Profile Downloaded, Install; then General, About,
           Certificate Trust Settings: switch it on.
macOS      open it in Keychain Access (System), then Trust: Always Trust.
Firefox    Settings, Privacy and Security, View Certificates, Authorities, Import, for websites.
Debian     cp {authority} /usr/local/share/ca-certificates/ && update-ca-certificates
"""


def certificate(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="The server as browsers open it: pop.lan, 192.168.1.5"),
    ] = None,
    to: Annotated[Path, typer.Option("--to", help="The folder of the files.")] = Path("tls"),
    renew: Annotated[
        bool, typer.Option("--renew", help="Renew the certificate if it ends within 60 days.")
    ] = False,
) -> None:
    """Make an authority of the office's own and the server's certificate, or renew the latter."""
    with errors_as_sentences():
        from screenpop.app.office_certificate import make_certificates, renew_certificate

        now = datetime.now(UTC)
        if renew:
            if names:
                raise typer.BadParameter("--renew keeps the names; leave them out.")
            made = renew_certificate(to, now)
            if not made.is_new:
                print_done(f"Nothing to renew: it is valid until {made.server.ends_at:%Y-%m-%d}.")
                return
            print_done(f"Renewed until {made.server.ends_at:%Y-%m-%d}. Now reload the proxy.")
            return
        _explain(make_certificates(to, names or [], now))


def _explain(made: "OfficeCertificate") -> None:
    from screenpop.app.office_certificate import AUTHORITY, AUTHORITY_KEY, SERVER, SERVER_KEY

    print_done(f"For {made.server.names}, until {made.server.ends_at:%Y-%m-%d}, in {made.folder}:")
    for name, use in (
        (SERVER, "for the proxy"),
        (SERVER_KEY, "for the proxy; secret"),
        (AUTHORITY, "for the devices"),
        (AUTHORITY_KEY, "makes new certificates; secret, keep a copy elsewhere"),
    ):
        out.print(f"  {name}: {use}", markup=False)
    text = _INSTALL.format(authority=made.folder / AUTHORITY, sha256=made.authority.sha256)
    out.print(text, markup=False)
