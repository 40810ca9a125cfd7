"""Document ids and the table of kinds."""

import pytest

from moim_data.documents.kinds import KINDS, kind_of, parse_document_id
from moim_data.errors import UnknownKind


@pytest.mark.parametrize("text", ["workspace", "project/launch", "open/A-b_9", "open/" + "x" * 64])
def test_an_id_of_a_known_kind_is_given_back(text: str) -> None:
    document = parse_document_id(text)
    assert document == text
    assert kind_of(document).name == text.partition("/")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "workspace/",
        "workspace/x",
        "project",
        "project/",
        "project/a/b",
        "project/a b",
        "project/../x",
        "project/한글",
        "open/" + "x" * 65,
        "open/x\n",
        "Project/x",
        "page-x",
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(UnknownKind, match="expected workspace or project/<slug>"):
        parse_document_id(text)


def test_every_kind_is_kept_under_its_own_name() -> None:
    assert all(name == kind.name for name, kind in KINDS.items())
    assert KINDS["open"].schema is None
