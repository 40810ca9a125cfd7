"""`python -m moim` is the command `moim`."""

from moim.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
