"""``screenpop listen`` and ``screenpop web``: several processes for large call centres."""

import asyncio
from typing import Annotated

import typer

from screenpop.cli.console import errors_as_sentences
from screenpop.cli.serve import LogFormat, SettingsFile, without_collections


def listen(
    settings_file: SettingsFile = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="For /healthz, /readyz and /metrics; 0 for none."),
    ] = 0,
    log_format: LogFormat = None,
) -> None:
    """Read all PBXs and make the cards. A second one is a standby, which takes over."""
    with errors_as_sentences(), without_collections():
        from screenpop.app.listener import listen_until_signal
        from screenpop.cli.logging_setup import configure_logging
        from screenpop.settings import load_settings

        settings = load_settings(settings_file)
        configure_logging(settings.log_level, log_format or settings.log_format)
        asyncio.run(listen_until_signal(settings, port))


def web(
    settings_file: SettingsFile = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Instead of bind_port; 0 chooses a free one."),
    ] = None,
    log_format: LogFormat = None,
) -> None:
    """Serve pages, API and sockets for the cards of screenpop listen; run any number."""
    with errors_as_sentences(), without_collections():
        from screenpop.app.web_process import serve_web
        from screenpop.cli.logging_setup import configure_logging
        from screenpop.settings import load_settings, unread_pbx_secrets

        with unread_pbx_secrets():  # this process logs into no PBX
            settings = load_settings(settings_file)
        configure_logging(settings.log_level, log_format or settings.log_format)
        asyncio.run(serve_web(settings, port))
