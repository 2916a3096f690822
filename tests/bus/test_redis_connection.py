"""Redis is checked before the start, and errors have the remedy."""

import os
from pathlib import Path

import pytest

from screenpop.bus import redis_connection
from screenpop.bus.redis_connection import (
    OLDEST_VERSION,
    BusUnreachableError,
    RedisConfig,
    check_redis,
)
from tests.redis_server import RedisServer, free_port, running_redis
from tests.tools import REDIS_ASKED

pytestmark = pytest.mark.anyio


async def test_a_usable_server_passes(redis_config: RedisConfig) -> None:
    await check_redis(redis_config)


async def test_an_unusable_address_has_the_remedy_and_no_password(tmp_path: Path) -> None:
    cases = {
        "redis://u:secret@127.0.0.1:1/0": "check that it runs",
        f"unix://{tmp_path}/none": "check that it runs",
        "http://127.0.0.1": "redis://host:6379/0",
        "redis://u:secret@127.0.0.1:port": "redis://host:6379/0",
        "redis://[": "redis://host:6379/0",
    }
    for url, remedy in cases.items():
        with pytest.raises(BusUnreachableError, match=remedy) as problem:
            await check_redis(RedisConfig(url))
        assert "secret" not in str(problem.value)


def test_the_database_is_in_the_address() -> None:
    urls = {"redis://h": "0", "redis://h:1/3": "3", "redis://h/?db=4": "4", "unix:///s?db=5": "5"}
    assert {url: RedisConfig(url).database for url in (*urls, "unix:///s")} == urls | {
        "unix:///s": "0"
    }


async def test_a_server_that_wants_a_password_or_drops_keys_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = ("--requirepass", "right", "--maxmemory-policy", "allkeys-lru")
    with running_redis(*options) as server:
        for url in (server.url, server.url.replace("//", "//:wrong@")):
            with pytest.raises(BusUnreachableError, match="refuses the user or password"):
                await check_redis(RedisConfig(url))
        assert caplog.records == []
        await check_redis(RedisConfig(server.url.replace("//", "//:right@")))
    assert "allkeys-lru" in caplog.text


@pytest.mark.skipif(
    os.environ.get(REDIS_ASKED) == "redis-6.0", reason="a cluster's second port is fixed before 7.0"
)
async def test_a_cluster_is_refused() -> None:
    with (
        running_redis("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server,
        pytest.raises(BusUnreachableError, match="is a cluster"),
    ):
        await check_redis(RedisConfig(server.url))


@pytest.mark.parametrize(("version", "is_usable"), [("6.0.0", True), ("5.9.9", False), ("", False)])
async def test_an_old_server_is_refused(
    version: str,
    is_usable: bool,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert OLDEST_VERSION == (6, 0)
    parsed = {"redis_version": version, "redis_mode": "standalone"}
    monkeypatch.setattr(redis_connection, "parse_info", lambda _: parsed)
    if is_usable:
        await check_redis(RedisConfig(redis_server.url))
    else:
        with pytest.raises(BusUnreachableError, match=r"install 6\.0 or newer"):
            await check_redis(RedisConfig(redis_server.url))
