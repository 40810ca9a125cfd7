"""Doors for programs that know no CRDT: what they share, one file a door."""
