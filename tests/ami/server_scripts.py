"""Short scripts of a speaking server."""

from tests.ami.speaking_server import (
    BANNER,
    Connection,
    Script,
)


def stay(connection: Connection) -> None:
    while connection.hear() is not None:
        pass


def send_banner_and(*chunks: bytes) -> Script:
    def script(connection: Connection) -> None:
        connection.send_messages(BANNER, *chunks)
        stay(connection)

    return script
