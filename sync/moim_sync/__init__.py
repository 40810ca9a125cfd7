"""One document, many people: rooms, the wire and the Python client."""
