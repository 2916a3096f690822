import pytest

from tests.service.event_script import Story
from tests.service.service_under_test import Office


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def story() -> Story:
    return Story()
