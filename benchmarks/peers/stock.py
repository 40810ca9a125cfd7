"""python stock.py PORT DATABASE: pycrdt-websocket as its own documentation serves and stores."""

import sys
from contextlib import suppress

import uvicorn
import uvloop
from pycrdt.store import SQLiteYStore, YDocNotFound
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom


class StoredServer(WebsocketServer):
    """Gives each room a SQLiteYStore and fills it before it is ready."""

    def __init__(self, database: str) -> None:
        super().__init__(rooms_ready=False, auto_clean_rooms=False)
        self._store = type("Store", (SQLiteYStore,), {"db_path": database})
        self._filled: set[str] = set()

    async def get_room(self, name: str) -> YRoom:
        if name not in self.rooms:
            store = self._store(name)
            self.rooms[name] = YRoom(ready=False, ystore=store)
        room = self.rooms[name]
        await self.start_room(room)
        if name not in self._filled:
            self._filled.add(name)
            await room.ystore.started.wait()
            with suppress(YDocNotFound):
                await room.ystore.apply_updates(room.ydoc)
            room.ready = True
        return room


async def main(port: int, database: str) -> None:
    server = StoredServer(database)
    config = uvicorn.Config(ASGIServer(server), host="127.0.0.1", port=port, log_level="warning")
    async with server:
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
