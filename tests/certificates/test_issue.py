"""Certificates that OpenSSL accepts for their names, and for no others."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screenpop.certificates import issue as issuing
from screenpop.certificates.issue import (
    RENEW_DAYS,
    SERVER_DAYS,
    CertificateFileError,
    KeyPair,
    facts_of,
    is_due,
    issue,
    make_authority,
)
from screenpop.certificates.names import parse_names

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = parse_names(["pop.lan", "192.168.1.5", "fd00::5"])


def shaken(tmp_path: Path, authority: KeyPair, server: KeyPair, name: str) -> str:
    """Return why a browser with this authority refuses the server; empty if it does not."""
    for file, data in (("ca", authority.certificate), ("crt", server.certificate)):
        (tmp_path / file).write_bytes(data)
    (tmp_path / "key").write_bytes(server.key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    browsing = ssl.create_default_context(cafile=str(tmp_path / "ca"))
    to_server, to_browser = ssl.MemoryBIO(), ssl.MemoryBIO()
    browser = browsing.wrap_bio(to_browser, to_server, server_hostname=name)
    peer = serving.wrap_bio(to_server, to_browser, server_side=True)
    for _ in range(5):
        for side in (browser, peer):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as problem:
                return problem.verify_message
    return ""


@pytest.mark.parametrize("name", ["pop.lan", "192.168.1.5", "fd00::5"])
def test_a_browser_with_the_authority_accepts_the_server_by_each_of_its_names(
    tmp_path: Path, name: str
) -> None:
    authority = make_authority(NAMES, NOW)
    assert shaken(tmp_path, authority, issue(authority, NAMES, NOW), name) == ""


def test_a_browser_refuses_another_name_and_another_authority(tmp_path: Path) -> None:
    authority = make_authority(NAMES, NOW)
    server = issue(authority, NAMES, NOW)
    assert "mismatch" in shaken(tmp_path, authority, server, "bank.example")
    assert shaken(tmp_path, make_authority(NAMES, NOW), server, "pop.lan")


@pytest.mark.parametrize(
    ("own", "stolen"),
    [
        (["pop.lan"], "bank.example"),
        (["pop.lan"], "8.8.8.8"),
        (["192.168.1.5"], "bank.example"),
        (["192.168.1.5"], "192.168.1.6"),
    ],
)
def test_a_stolen_authority_can_imitate_no_other_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: list[str], stolen: str
) -> None:
    authority = make_authority(parse_names(own), NOW)
    with pytest.raises(CertificateFileError, match="other names"):
        issue(authority, parse_names([stolen]), NOW)
    monkeypatch.setattr(issuing, "_require_allowed", lambda *_: None)
    forged = issue(authority, parse_names([stolen]), NOW)
    assert shaken(tmp_path, authority, forged, stolen) in {
        "permitted subtree violation",
        "excluded subtree violation",
    }


def test_a_name_below_one_of_the_authority_is_its_own_too(tmp_path: Path) -> None:
    authority = make_authority(NAMES, NOW)
    server = issue(authority, parse_names(["new.pop.lan"]), NOW)
    assert shaken(tmp_path, authority, server, "new.pop.lan") == ""


def test_a_renewed_certificate_keeps_names_and_key() -> None:
    authority = make_authority(NAMES, NOW)
    first = issue(authority, NAMES, NOW)
    later = NOW + timedelta(days=SERVER_DAYS)
    second = issue(authority, NAMES, later, first.key)
    assert second.key == first.key
    assert facts_of(second.certificate).names == facts_of(first.certificate).names == NAMES
    assert facts_of(first.certificate).ends_at == later


def test_a_certificate_is_due_sixty_days_before_its_end_and_not_earlier() -> None:
    facts = facts_of(issue(make_authority(NAMES, NOW), NAMES, NOW).certificate)
    limit = facts.ends_at - timedelta(days=RENEW_DAYS)
    assert not is_due(facts, limit)
    assert is_due(facts, limit + timedelta(seconds=1))


def test_no_certificate_outlives_its_authority_and_an_ended_one_makes_none() -> None:
    authority = make_authority(NAMES, NOW)
    end = facts_of(authority.certificate).ends_at
    last = issue(authority, NAMES, end - timedelta(days=30))
    assert facts_of(last.certificate).ends_at == end
    with pytest.raises(CertificateFileError, match="has ended"):
        issue(authority, NAMES, end)


def test_files_that_are_no_keys_or_certificates_are_refused() -> None:
    authority, other = make_authority(NAMES, NOW), make_authority(NAMES, NOW)
    for broken in (
        KeyPair(b"", authority.certificate),
        KeyPair(authority.key, b"nonsense"),
        KeyPair(other.key, authority.certificate),
    ):
        with pytest.raises(CertificateFileError):
            issue(broken, NAMES, NOW)
