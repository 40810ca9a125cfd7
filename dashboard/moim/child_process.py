"""What Python processes of ours are started with."""

import os
import sys
from collections.abc import Mapping


def python_environment() -> Mapping[str, str]:
    """Give the environment in which a child finds the same packages as this process."""
    paths = [path for path in sys.path if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
