"""Where the built front end lies."""

from pathlib import Path

from moim.errors import BundleMissing

BUNDLE = Path(__file__).parent / "static"


def require_bundle(folder: Path = BUNDLE) -> None:
    """Make sure that the front end is there before anything is served.

    Raises:
        BundleMissing: it has not been built.
    """
    for name in ("shell.html", "service-worker.js", "manifest.json"):
        if not (folder / name).is_file():
            raise BundleMissing(
                f"front end not built: {folder / name} is missing. Run `make frontend`, or install "
                "moim from a wheel, which holds it."
            )
