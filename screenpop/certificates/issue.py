"""Makes the authority of an office, and certificates of its server."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from screenpop.certificates.names import ServerNames

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""Apple's devices refuse more than 825 days, also of an authority that was installed by hand."""
RENEW_DAYS = 60
"""A certificate that ends sooner is renewed."""
_CLOCKS_DIFFER = timedelta(days=1)
_LONGEST_COMMON_NAME = 64


class CertificateFileError(ValueError):
    """A file is no key or certificate of ours; the text has the reason."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key and its certificate, both PEM."""

    key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    names: ServerNames
    ends_at: datetime
    """UTC, aware."""
    sha256: str
    """The fingerprint as systems show it: pairs of hex digits with colons."""


def make_authority(names: ServerNames, now: datetime) -> KeyPair:
    """Return a new authority whose certificates are valid for these names only."""
    key = generate_private_key(SECP256R1())
    subject = _subject(f"Screenpop {names.first}")
    public = key.public_key()
    builder = (
        _builder(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(_constraints(names), critical=True)
    )
    return _pair(key, builder.sign(key, SHA256()))


def issue(
    authority: KeyPair, names: ServerNames, now: datetime, key: bytes | None = None
) -> KeyPair:
    """Return a certificate of the server; ``key`` is its key in PEM, None makes a new one.

    Raises ``CertificateFileError``, also for names that the authority is not bound to.
    """
    signer, issuer = _key(authority.key), _certificate(authority.certificate)
    if signer.public_key() != issuer.public_key():
        raise CertificateFileError("The key of the authority is not the one of its certificate.")
    if issuer.not_valid_after_utc <= now:
        raise CertificateFileError("The authority has ended; make a new one in another folder.")
    _require_allowed(issuer, names)
    own = generate_private_key(SECP256R1()) if key is None else _key(key)
    days = min(SERVER_DAYS, (issuer.not_valid_after_utc - now).days)
    general = [*map(x509.DNSName, names.dns), *map(x509.IPAddress, names.addresses)]
    signer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        _builder(_subject(names.first), issuer.subject, own, now, days)
        .add_extension(x509.SubjectAlternativeName(general), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(signer_id, critical=False)
    )
    return _pair(own, builder.sign(signer, SHA256()))


def facts_of(certificate: bytes) -> CertificateFacts:
    """Return names and end of a certificate in PEM. Raises ``CertificateFileError``."""
    found = _certificate(certificate)
    try:
        general = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns, addresses = (
            general.get_values_for_type(x509.DNSName),
            general.get_values_for_type(x509.IPAddress),
        )
    except x509.ExtensionNotFound:
        dns, addresses = [], []
    hosts = tuple(one for one in addresses if not isinstance(one, IPv4Network | IPv6Network))
    digest = found.fingerprint(SHA256()).hex(":").upper()
    return CertificateFacts(ServerNames(tuple(dns), hosts), found.not_valid_after_utc, digest)


def is_due(facts: CertificateFacts, now: datetime) -> bool:
    """Return whether a certificate should be renewed."""
    return facts.ends_at - now < timedelta(days=RENEW_DAYS)


def _constraints(names: ServerNames) -> x509.NameConstraints:
    networks = [ip_network(address) for address in names.addresses]
    # A kind of name without an entry would be free: names get one that cannot exist.
    dns = names.dns or ("screenpop.invalid",)
    excluded = [] if networks else [ip_network("0.0.0.0/0"), ip_network("::/0")]
    return x509.NameConstraints(
        permitted_subtrees=[*map(x509.DNSName, dns), *map(x509.IPAddress, networks)],
        excluded_subtrees=[x509.IPAddress(network) for network in excluded] or None,
    )


def _require_allowed(issuer: x509.Certificate, names: ServerNames) -> None:
    try:
        found = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return
    permitted = found.permitted_subtrees or []
    dns = {one.value for one in permitted if isinstance(one, x509.DNSName)}
    networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    for name in names.dns:
        if not any(name == one or name.endswith(f".{one}") for one in dns):
            raise CertificateFileError(_not_bound(name))
    for address in names.addresses:
        if ip_network(address) not in networks:
            raise CertificateFileError(_not_bound(str(address)))


def _not_bound(name: str) -> str:
    return (
        f"This authority is bound to other names than {name}. Make a new one in another folder, and"
        " install it on the devices."
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_COMMON_NAME])])


def _pair(key: EllipticCurvePrivateKey, certificate: x509.Certificate) -> KeyPair:
    return KeyPair(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
    )


def _key(pem: bytes) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as problem:
        raise CertificateFileError(f"This is no private key: {problem}.") from problem
    if not isinstance(key, EllipticCurvePrivateKey):
        raise CertificateFileError("This key is of another kind than those of Screenpop.")
    return key


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as problem:
        raise CertificateFileError(f"This is no certificate: {problem}.") from problem
