"""``python -m screenpop.cli``, where the script is not on the path."""

from screenpop.cli import main

main()
