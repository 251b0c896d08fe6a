"""`python -m mlcheck`."""

from mlcheck.cli.app import main

if __name__ == "__main__":  # a worker process may import this module
    main()
