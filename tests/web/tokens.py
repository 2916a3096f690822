"""API tokens for tests."""

import time

from screenpop.accounts.token_scopes import Scope
from screenpop.store.accounts.api_tokens import make_api_token
from tests.web.running_server import Running


async def make_token(
    server: Running, *scopes: Scope, maker: str | None = "adam", days: int = 1
) -> str:
    """The text of a new token, made by one of ``PEOPLE`` or on the command line."""
    return await make_api_token(
        server.database,
        name="A program",
        scopes=scopes,
        days=days,
        maker=None if maker is None else server.id(maker),
        now=time.time(),
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
