"""Ids of things as GraphQL clients see them: unique in the whole workspace, and stable.

A project or calendar has the id of its address (`launch` of `/project/launch`), what is in one the
two joined: `launch/c1` is the card `c1` of the project `launch`. With `__typename` they are the
keys of a normalized cache. A document of any kind goes by its name, `project/launch`.
"""

from strawberry import ID

from moim_data.errors import InvalidValue


def joined(owner: str, key: str) -> ID:
    """Give the id of a thing in a project or calendar."""
    return ID(f"{owner}/{key}")


def parted(id: str, what: str) -> tuple[str, str]:
    """Give the owner and the key of a thing. Raises InvalidValue."""
    owner, slash, key = id.partition("/")
    if not owner or not key or not slash or "/" in key:
        raise InvalidValue(f"{what}: expected <owner>/<key>, got {id[:80]!r}", what)
    return owner, key


def key_within(owner: str, id: str, what: str) -> str:
    """Give the key of a thing that has to be in this project or calendar. Raises InvalidValue."""
    found, key = parted(id, what)
    if found != owner:
        raise InvalidValue(f"{what}: expected an id that begins with {owner}/, got {id!r}", what)
    return key


def owner_of(id: str, kind: str) -> str:
    """Give the key of a project or calendar; its document's name will do as well."""
    return id.removeprefix(f"{kind}/")
