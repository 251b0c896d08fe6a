"""`python -m mlcheck`."""

from mlcheck.cli.app import main

main()
