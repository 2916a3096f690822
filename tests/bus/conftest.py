from collections.abc import AsyncGenerator, Generator
from itertools import count

import pytest

from screenpop.bus.redis_connection import RedisConfig
from tests.bus.redis_office import RedisOffice, shorten_intervals
from tests.redis_server import RedisServer, running_redis

_numbers = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redis_server() -> Generator[RedisServer]:
    """One server for all tests of this process."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_config(redis_server: RedisServer) -> RedisConfig:
    """Keys that no other test uses."""
    return RedisConfig(redis_server.url, f"test{next(_numbers)}")


@pytest.fixture
async def office(
    redis_config: RedisConfig, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[RedisOffice]:
    """Starts listeners and web processes, with short intervals, and ends them after the test."""
    shorten_intervals(monkeypatch)
    async with RedisOffice(redis_config) as office:
        yield office
