"""The container's files: without rights, without writable programs, not open to the network."""

import re
from typing import Any

import yaml  # type: ignore[import-untyped]

from release.lock_file import ROOT

DOCKERFILE = (ROOT / "packaging/Dockerfile").read_text(encoding="utf-8")


def compose(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "packaging" / name).read_text(encoding="utf-8"))
    return read


def test_each_of_our_containers_is_read_only_and_without_rights() -> None:
    services = compose("compose.yaml")["services"]
    assert set(services) == {"migrate", "screenpop"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["settings:/etc/screenpop", "data:/var/lib/screenpop"]


def test_no_port_is_open_to_other_machines() -> None:
    files = [compose("compose.yaml"), compose("compose.postgres.yaml")]
    ports = [
        port
        for one in files
        for service in one["services"].values()
        for port in service.get("ports", [])
    ]
    assert ports == ["127.0.0.1:8080:8080"]


def test_the_server_starts_after_the_update_of_the_database() -> None:
    waits = compose("compose.yaml")["services"]["screenpop"]["depends_on"]
    assert waits == {"migrate": {"condition": "service_completed_successfully"}}
    database = compose("compose.postgres.yaml")["services"]["migrate"]["depends_on"]
    assert database == {"database": {"condition": "service_healthy"}}


def test_the_image_runs_as_a_user_and_has_a_health_check() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert "--uid 10001" in DOCKERFILE
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/healthz" in DOCKERFILE


def test_the_image_takes_libraries_from_the_wheelhouse_only() -> None:
    assert "pip" not in DOCKERFILE
    assert "wheelhouse/install.sh" in DOCKERFILE
