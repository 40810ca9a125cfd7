"""python pages.py URL COUNT: opens dashboard pages at once, as a browser does but for painting.

Each page is the shell, its bundle, the token of a Panel session, and that session's document over
Bokeh's WebSocket. Prints the seconds that each took as JSON.
"""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from websockets.sync.client import connect
from websockets.typing import Subprotocol

DEADLINE_S = 60
ASKED = ('{"msgid":"1","msgtype":"PULL-DOC-REQ"}', "{}", "{}")


def open_page(url: str) -> float:
    """Give the seconds until the session's document was here."""
    began_s = time.monotonic()
    with urlopen(f"{url}/project/launch", timeout=DEADLINE_S) as answer:
        shell = answer.read().decode()
    for script in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell)):
        urlopen(url + script, timeout=DEADLINE_S).read()
    query = "project=launch&theme=light&language=en"
    with urlopen(f"{url}/panel/project/token?{query}", timeout=DEADLINE_S) as answer:
        session = json.load(answer)
    protocols = [Subprotocol("bokeh"), Subprotocol(session["token"])]
    address = url.replace("http", "ws", 1) + session["path"] + "/ws"
    with connect(address, subprotocols=protocols, max_size=None, open_timeout=DEADLINE_S) as socket:
        _read(socket)
        for part in ASKED:
            socket.send(part)
        while json.loads(_read(socket)[0])["msgtype"] != "PULL-DOC-REPLY":
            pass
    return time.monotonic() - began_s


def _read(socket) -> list[str]:
    """Read one message of Bokeh's: header, metadata, content, and its buffers."""
    parts = [socket.recv(DEADLINE_S) for _ in range(3)]
    for _ in range(2 * json.loads(parts[0]).get("num_buffers", 0)):
        socket.recv(DEADLINE_S)
    return parts


if __name__ == "__main__":
    with ThreadPoolExecutor(int(sys.argv[2])) as pool:
        print(json.dumps(list(pool.map(open_page, [sys.argv[1]] * int(sys.argv[2])))))
