"""Runs commands in a folder with settings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from screenpop.cli import cli, console

SETTINGS = """
data_dir = "data"
timezone = "Europe/Athens"
[number_plan]
region = "GR"
extensions = ["1XX"]
"""


Run = Callable[..., Result]


def running_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in list(os.environ):
        if name.startswith("SCREENPOP_"):
            monkeypatch.delenv(name)
    # The log is that of the process, and other tests read it.
    monkeypatch.setattr("screenpop.cli.logging_setup.configure_logging", lambda *_: None)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(console.out, "width", 200)
    monkeypatch.setattr(console.err, "width", 200)
    (folder / "screenpop.toml").write_text(SETTINGS)

    def typed(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=stdin)

    return typed
