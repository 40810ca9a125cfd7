"""python python_reader.py URL PROJECT CARD: follows one card by the Python client.

Prints `[title, at_ms]` each time that the client has a new title, the first one once it follows.
"""

import json
import sys
import time
from threading import Event

import moim


def main(url: str, project: str, card: str) -> None:
    """Follow until it is ended from outside."""
    last = None

    def look() -> None:
        nonlocal last
        title = board.cards[card].title
        if title != last:
            last = title
            print(json.dumps([title, time.time() * 1000]), flush=True)

    with moim.connect(url, outbox=None) as workspace:
        board = workspace.project(project)
        board.watch(look)
        look()
        Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
