"""Packages of Screenpop to install without this repository: ``.deb`` and wheelhouse.

``python -m release deb`` and ``python -m release wheelhouse`` write into ``dist/``. Every library
comes in the version and with a checksum of ``requirements-server.lock``. Decisions: ADR 22.
"""
