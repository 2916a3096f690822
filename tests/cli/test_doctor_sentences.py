"""``screenpop doctor`` at real sockets, plain and TLS, with certificates made here."""

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from tests.ami.conftest import ServerMaker, serve
from tests.ami.speaking_server import Connection, Pbx, make_certificate
from tests.cli.commands import SETTINGS, Run

__all__ = ["serve"]


def visit(migrated: Run, folder: Path, port: int, *more: str) -> Result:
    lines = [SETTINGS, "[[pbx]]", 'id = "office"', f"port = {port}", 'username = "pop"']
    if not any(line.startswith("secret") for line in more):
        lines.append('secret = "secret"')
    (folder / "screenpop.toml").write_text("\n".join([*lines, *more]))
    return migrated("doctor")


def sentences(result: Result) -> Iterator[str]:
    return (line for line in result.output.splitlines() if line)


@pytest.mark.slow
def test_tls_is_distinguished_from_plain_and_plain_from_tls(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    secured = serve(Pbx(), certificate=make_certificate(tmp_path))
    result = visit(migrated, tmp_path, secured.port)
    assert result.exit_code == 1
    assert "speaks TLS: set tls = true" in result.stderr

    plain = serve(Pbx())
    result = visit(migrated, tmp_path, plain.port, "tls = true")
    assert result.exit_code == 1
    assert "speaks AMI without TLS" in result.stderr


def test_a_self_signed_certificate_and_a_wrong_name_and_a_wrong_pin_each_have_a_sentence(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    pem = make_certificate(tmp_path, "DNS:pbx.lan")
    server = serve(Pbx(), certificate=pem)
    authority = f'tls_ca_file = "{tmp_path / "certificate.pem"}"'

    assert (
        "self-signed or of an authority unknown"
        in visit(migrated, tmp_path, server.port, "tls = true").stderr
    )
    assert (
        "is not made out to 127.0.0.1"
        in visit(migrated, tmp_path, server.port, "tls = true", authority).stderr
    )
    assert (
        "shows another certificate"
        in visit(
            migrated, tmp_path, server.port, "tls = true", f'tls_pin_sha256 = "{"00" * 32}"'
        ).stderr
    )
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "certificate.pem").read_text())
    pin = f'tls_pin_sha256 = "{hashlib.sha256(der).hexdigest()}"'
    named = visit(
        migrated, tmp_path, server.port, "tls = true", authority, 'tls_server_name = "pbx.lan"'
    )
    for result in (named, visit(migrated, tmp_path, server.port, "tls = true", pin)):
        assert "accepts the login and sends its calls" in result.output


def test_a_wrong_secret_and_a_port_where_nothing_listens_each_have_a_sentence(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    def refuses(connection: Connection) -> None:
        connection.send_messages(b"Asterisk Call Manager/11.0.0\r\n")
        if action := connection.hear():
            connection.answer(action, "Error", Message="Authentication failed")

    server = serve(refuses)
    assert "does not accept the login pop" in visit(migrated, tmp_path, server.port).stderr
    server.close()
    assert "nothing listens on port" in visit(migrated, tmp_path, server.port).stderr


def test_asterisk_11_is_recognised_by_its_banner(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    server = serve(lambda connection: connection.send_messages(b"Asterisk Call Manager/1.3\r\n"))
    result = visit(migrated, tmp_path, server.port)
    assert result.exit_code == 1
    assert "AMI 1.3, which is Asterisk 11 or older: Screenpop needs Asterisk 12" in result.stderr


def test_after_a_database_fault_the_pbx_is_examined_all_the_same(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    for file in (tmp_path / "data").glob("*.db*"):
        file.write_bytes(b"this is no database " * 500)
    result = visit(migrated, tmp_path, serve(Pbx()).port)
    assert result.exit_code == 1
    assert "accepts the login and sends its calls" in result.output
    assert "Traceback" not in result.output


def test_between_the_sentences_is_no_line_of_the_log(
    migrated: Run, tmp_path: Path, serve: ServerMaker
) -> None:
    def rubbish(connection: Connection) -> None:
        connection.send_messages(b"Asterisk Call Manager/11.0.0\r\nno colon\r\n\r\n")
        Pbx()(connection)

    result = visit(migrated, tmp_path, serve(rubbish).port)
    assert all(line[:1] in "✓✗!" for line in sentences(result)), result.output


@pytest.mark.parametrize(
    ("misspelt", "words"),
    [
        ('[[pbx.trunk]]\nname = "line"', "pbx[1].trunk is no setting. Did you mean trunks?"),
        ('[[pbx.trunks]]\nname = "x"\nregoin = "GR"', "regoin is no setting. Did you mean region?"),
    ],
)
def test_a_misspelt_trunk_key_is_reported_with_the_right_one(
    migrated: Run, tmp_path: Path, misspelt: str, words: str
) -> None:
    result = visit(migrated, tmp_path, 5038, misspelt)
    assert result.exit_code == 1
    assert words in result.stderr


def test_the_example_secret_is_refused(migrated: Run, tmp_path: Path, serve: ServerMaker) -> None:
    result = visit(migrated, tmp_path, serve(Pbx()).port, 'secret = "CHANGE-ME"')
    assert result.exit_code == 1
    assert "is still CHANGE-ME" in result.stderr
