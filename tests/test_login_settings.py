"""Settings of the login provider that cannot be, each refused with its remedy."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from screenpop.settings import InvalidSettingsError, settings_of
from screenpop.settings import login as login_settings
from screenpop.settings.login import OidcSettings

ISSUER = "https://id.example.com/realms/office"


def given(folder: Path, **more: object) -> dict[str, object]:
    file = folder / "secret"
    file.write_text("the secret of the client")
    usual = {"issuer": ISSUER, "client_id": "screenpop", "client_secret_file": str(file)}
    return usual | more


def test_a_provider_that_cannot_be_is_refused_with_the_remedy(tmp_path: Path) -> None:
    assert OidcSettings(**given(tmp_path)).read_secret() == "the secret of the client"  # type: ignore[arg-type]
    for more, remedy in (
        ({"issuer": "http://id.example.com"}, "issuer is no https address"),
        ({"issuer": "https://me:pass@id.example.com"}, "issuer contains a user"),
        ({"issuer": ISSUER + "?a=b"}, "issuer has a query"),
        ({"client_id": ""}, "client_id is missing"),
        ({"client_secret_file": None}, "client_secret_file is missing"),
        ({"client_secret_file": "/nowhere/secret"}, "cannot be read"),
        ({"scopes": ["profile"]}, 'scopes lack "openid"'),
        ({"role_claim": "groups"}, "role_claim needs the table"),
        ({"departments": {"a": "sales"}}, "department_claim needs the table"),
        ({"roles": {"a": "boss"}, "role_claim": "groups"}, "roles.a"),
        ({"name": "x" * 41}, "40"),
    ):
        with pytest.raises(ValueError, match=re.escape(remedy)):
            OidcSettings(**given(tmp_path, **more))  # type: ignore[arg-type]


def test_a_provider_needs_an_origin_and_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"oidc": given(tmp_path)}
    office = {"number_plan": {"region": "GR"}, "login": login}
    with pytest.raises(InvalidSettingsError, match="public_origins"):
        settings_of(**office)
    assert settings_of(**office, public_origins=["https://pop.example.com"]).login.oidc.issuer

    def without_authlib(name: str) -> object:
        return None if name == "authlib" else find_spec(name)

    monkeypatch.setattr(login_settings, "find_spec", without_authlib)
    with pytest.raises(ValueError, match=re.escape("pip install 'screenpop[oidc]'")):
        OidcSettings(**given(tmp_path))  # type: ignore[arg-type]
