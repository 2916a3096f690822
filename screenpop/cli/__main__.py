"""Runs the command line as ``python -m screenpop.cli``, when the script is not on the path."""

from screenpop.cli import main

main()
