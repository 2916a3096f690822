"""One demo for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.browser.demo_server import DemoServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    demo = DemoServer(tmp_path_factory.mktemp("demo") / "data")
    demo.start()
    yield demo
    demo.stop()
