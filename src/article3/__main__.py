"""``python -m article3``: the command line."""

from article3.cli.main import main

if __name__ == "__main__":
    main()
