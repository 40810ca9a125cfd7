"""The Socket.IO door: events by name for front ends that know no CRDT; `docs/socketio.md`."""
