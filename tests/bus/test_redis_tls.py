"""A real Redis with TLS and a user with few rights, and the sentence for each that is wrong."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from release.lock_file import ROOT
from screenpop.bus import redis_connection
from screenpop.bus.redis_connection import BusUnreachableError, RedisConfig, check_redis
from screenpop.certificates.issue import KeyPair, issue, make_authority
from screenpop.certificates.names import parse_names
from screenpop.settings.redis import RedisSettings
from tests.bus.redis_office import Page, RedisOffice, published, shorten_intervals, until
from tests.redis_server import free_port, running_redis
from tests.tools import REDIS_ASKED

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
NAMES = parse_names(["localhost"])
SCALING = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
WRITTEN = re.findall(r"^user screenpop on >\S+ (.*)$", SCALING, re.MULTILINE)[0].split()
"""The rules of the document."""
WITH_CHANNELS = os.environ.get(REDIS_ASKED) != "redis-6.0"
RULES = [rule for rule in WRITTEN if WITH_CHANNELS or not rule.startswith("&")]


@dataclass(frozen=True)
class Place:
    authority: Path
    url: str
    plain_port: int


@contextmanager
def redis_with_tls(folder: Path, made_at: datetime = NOW) -> Generator[Place]:
    """Run a Redis with a certificate of an own authority, for ``localhost``, made at that time."""
    authority = make_authority(NAMES, made_at)
    own: KeyPair = issue(authority, NAMES, made_at)
    files = {"ca.crt": authority.certificate, "redis.crt": own.certificate, "redis.key": own.key}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    port = free_port()
    options = (
        *("--tls-port", str(port), "--tls-auth-clients", "no"),
        *(
            "--tls-cert-file",
            str(folder / "redis.crt"),
            "--tls-key-file",
            str(folder / "redis.key"),
        ),
        *("--tls-ca-cert-file", str(folder / "ca.crt")),
        *("--user", "pop", "on", ">right-password", *RULES),
        *("--user", "other", "on", ">right-password", "~others:*", "+@all"),
    )
    with running_redis(*options) as server:
        yield Place(folder / "ca.crt", f"rediss://localhost:{port}/0", server.port)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    with redis_with_tls(tmp_path_factory.mktemp("redis-tls")) as place:
        yield place


def settings(place: Place, folder: Path, first_word: str = "right") -> RedisSettings:
    file = folder / "redis-password"
    file.write_text(f"{first_word}-password")
    return RedisSettings(url=place.url, username="pop", password_file=file, ca_file=place.authority)


async def problem_of(config: RedisConfig) -> str:
    with pytest.raises(BusUnreachableError) as problem:
        await check_redis(config)
    assert "password@" not in str(problem.value)
    return str(problem.value)


async def test_a_card_reaches_a_page_through_tls_as_a_user_with_few_rights(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_intervals(monkeypatch)
    written = settings(place, tmp_path)
    config = RedisConfig(written.address(), ca_file=written.ca_file)
    await check_redis(config)
    async with RedisOffice(config) as office:
        publisher, web, page = await office.listener(), await office.web(), Page()
        await page.join(web)
        await published(publisher, "card", "a")
        await until(lambda: set(page.client.cards) == {"a"})


async def test_what_is_wrong_with_password_authority_name_or_port_is_named(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The plain port waits for a whole line of what a client of TLS begins with.
    monkeypatch.setattr(redis_connection, "CONNECT_TIMEOUT_S", 0.5)
    wrong = settings(place, tmp_path, "wrong").address()
    right = settings(place, tmp_path).address()
    stranger, empty = tmp_path / "stranger.crt", tmp_path / "empty.crt"
    stranger.write_bytes(make_authority(NAMES, NOW).certificate)
    empty.write_text("nothing")
    tls_port = f":{RedisConfig(right).place.rpartition(':')[2].partition('/')[0]}/"
    cases = [
        (wrong, place.authority, "refuses the user or password"),
        (right, stranger, f"not in redis.ca_file {stranger}"),
        (right, None, "not in the system"),
        (right, tmp_path / "none.crt", "none.crt cannot be read"),
        (right, empty, "empty.crt contains no certificate"),
        (right.replace("localhost", "127.0.0.1"), place.authority, "for another name"),
        (right.replace(tls_port, f":{place.plain_port}/"), place.authority, "names its tls-port"),
        (right.replace("rediss:", "redis:"), None, "with TLS: rediss://"),
        (right.replace("//pop:", "//other:"), place.authority, "does not give its user the right"),
    ]
    for url, authority, words in cases:
        assert words in await problem_of(RedisConfig(url, ca_file=authority)), words


def test_user_password_and_authority_are_settings_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "redis-password"
    file.write_text("p@ss/word\n")
    written = RedisSettings(url="rediss://h:6380/1", username="pöp:1", password_file=file)
    assert written.address() == "rediss://p%C3%B6p%3A1:p%40ss%2Fword@h:6380/1"
    refused: list[tuple[dict[str, object], str]] = [
        ({"url": "redis://pop:secret@h"}, "write username and password_file"),
        ({"url": "redis://h", "username": "pop"}, "username needs password_file"),
        ({"url": "redis://h", "ca_file": file}, "ca_file is for TLS"),
    ]
    for values, words in refused:
        with pytest.raises(ValidationError, match=words):
            RedisSettings.model_validate(values)


async def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    with redis_with_tls(tmp_path, NOW - timedelta(days=398)) as place:
        config = RedisConfig(place.url, ca_file=place.authority)
        assert "has expired" in await problem_of(config)
