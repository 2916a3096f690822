"""Packages and the commands of the documents, in a fresh Debian (``make test-install``).

No part of ``make test``: it builds packages, and installs them into roots that are made from
Debian's mirror.
"""
