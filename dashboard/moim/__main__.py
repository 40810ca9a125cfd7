"""`python -m moim` is the command `moim`."""

from moim.cli import main

raise SystemExit(main())
