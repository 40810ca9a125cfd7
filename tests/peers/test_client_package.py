"""`moim-client` from its tarball, in an empty folder and against a real server."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread

from access_rig import house
from client_package import FRONTEND, MODULES, ClientPackage, run
from moim_process import ROOT, MoimProcess, free_port

SOURCES = [
    Path(__file__).parent / name
    for name in ("board_program.ts", "own_store_program.ts", "wrong_uses.ts")
]
SCHEMA = ROOT / "data/moim_data/documents/schemas/project.schema.json"
COMPILER = {
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "outDir": "out",
    "target": "ES2024",
    "lib": ["ES2024", "DOM"],
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "types": [],
}
HOME = re.compile(r"^.*node_modules/(?:@[^/]+/)?[^/]+")
# What views need, and programs of others do not.
OF_VIEWS = ("react", "codemirror", "fullcalendar", "dnd-kit", "markdown", "dompurify", "lucide")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ClientPackage:
    return ClientPackage(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoimProcess]:
    folder = tmp_path_factory.mktemp("moim")
    with MoimProcess(folder, free_port(), "--demo", "--workers", "0") as started:
        yield started


@pytest.fixture(scope="module")
def programs(package: ClientPackage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another team's compiled programs, beside the package."""
    folder = package.install(tmp_path_factory.mktemp("team"))
    for source in SOURCES:
        (folder / source.name).write_text(source.read_text())
    for number, example in enumerate(snippets("ts")):
        (folder / f"example_{number}.ts").write_text("declare const url: string;\n" + example)
    config = {"compilerOptions": COMPILER, "include": ["*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    run(MODULES / ".bin/tsc", "-p", ".", cwd=folder)
    return folder / "out"


def snippets(language: str) -> list[str]:
    """What the README shows in a language."""
    readme = (FRONTEND / "client" / "README.md").read_text()
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert found
    return found


def test_the_card_of_a_typed_program_is_on_the_servers_disk(
    server: MoimProcess, programs: Path
) -> None:
    printed = run("node", "board_program.js", server.url, "launch", "다른 팀에서 🛰", cwd=programs)
    card = json.loads(printed)
    kept = server.document("project/launch")["data"]["cards"][card["id"]]
    assert kept["title"] == card["title"] == "다른 팀에서 🛰"
    assert kept["due"] == "2026-12-24"
    assert kept["estimate"] == card["estimate"] == 2.5


def test_a_typed_program_is_told_of_a_project_that_nobody_made(
    server: MoimProcess, programs: Path
) -> None:
    printed = run("node", "board_program.js", server.url, "nobody-made-this", "x", cwd=programs)
    assert printed == "NotReady: expected a document that can be opened, got unknown\n"


def test_a_store_of_their_own_follows_a_document_without_a_schema(
    server: MoimProcess, programs: Path
) -> None:
    assert run("node", "own_store_program.js", server.url, "Ada", cwd=programs) == "Ada\n"
    assert run("node", "own_store_program.js", server.url, "현수", cwd=programs) == "Ada 현수\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_program_of_node_brings_a_token_as_the_readme_shows(
    programs: Path, tmp_path: Path
) -> None:
    (programs / "token.js").write_text(
        'import { openClient } from "moim-client";\n'
        f"const [, , url, token] = process.argv;\n{snippets('js')[0]}"
        "const unsubscribe = client.connection.subscribe(({ connected, signedIn }) => {\n"
        "  if (!connected) return;\n"
        "  console.log(`signed in: ${signedIn}`);\n"
        "  unsubscribe();\n"
        "  client.close();\n"
        "});\n"
    )
    async with house(tmp_path) as place:
        account = await place.person("ada")
        _, secret = await place.people.tokens.make(
            account, label="test", documents=(), may_write=True, days=1
        )
        program = partial(run, "node", "token.js", place.url, secret, cwd=programs, timeout_s=15)
        assert await to_thread.run_sync(program) == "signed in: true\n"


@pytest.mark.anyio
async def test_a_program_with_a_wrong_token_ends_and_says_why(
    programs: Path, tmp_path: Path
) -> None:
    (programs / "wrong_token.js").write_text(
        'import { openClient } from "moim-client";\n'
        f"const [, , url, token] = process.argv;\n{snippets('js')[0]}"
        "client.connection.subscribe(({ stopped }) => {\n"
        "  if (stopped === null) return;\n"
        "  console.log(stopped.code);\n"
        "  process.exit();\n"
        "});\n"
    )
    async with house(tmp_path) as place:
        wrong = ("wrong_token.js", place.url, "moim_wrong")
        program = partial(run, "node", *wrong, cwd=programs, timeout_s=30)
        assert await to_thread.run_sync(program) == "4401\n"


@pytest.mark.anyio
async def test_polling_ends_as_a_websocket_does_for_who_is_not_signed_in(
    programs: Path, tmp_path: Path
) -> None:
    # only pages of the server itself poll; the package has the same code
    (programs / "poll.js").write_text(
        'import { PollingSocket } from "../node_modules/moim-client/core/polling_socket.js";\n'
        "const socket = new PollingSocket(process.argv[2]);\n"
        "socket.onclose = ({ code }) => console.log(code);\n"
    )
    async with house(tmp_path) as place:
        address = place.url.replace("http", "ws") + "/sync"
        program = partial(run, "node", "poll.js", address, cwd=programs, timeout_s=30)
        assert await to_thread.run_sync(program) == "4401\n"


def test_what_others_rely_on_has_changed_only_on_purpose(package: ClientPackage) -> None:
    surface = run("node", "client/surface.mjs", package.built, cwd=FRONTEND)
    assert surface == (FRONTEND / "client/surface.txt").read_text(), (
        "the public declarations of moim-client are others; if that is meant, run "
        "`npm run surface` in dashboard/frontend and say it in CHANGELOG.md"
    )


def test_every_public_name_has_its_line_and_stands_in_the_readme() -> None:
    entry = (FRONTEND / "client/index.ts").read_text()
    lists = re.findall(r"export (?:type )?\{(.*?)\} from", entry, re.DOTALL)
    rows = [
        re.findall(r"\s*(?:/\*\* (.+?)\. \*/)?\s*(?:type )?(\w+),", names, re.MULTILINE)
        for names in lists
    ]
    lines = {name: line for row in rows for line, name in row}
    assert len(lines) > 30
    assert [name for name, line in lines.items() if not line] == []
    readme = (FRONTEND / "client/README.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", readme, re.MULTILINE))
    assert told == lines


def test_it_needs_no_view_and_brings_no_second_yjs(package: ClientPackage) -> None:
    manifest = package.manifest()
    assert set(manifest["peerDependencies"]) == {"yjs", "zustand"}
    assert set(manifest["dependencies"]) == {
        *("engine.io-client", "lib0", "rrule-temporal", "temporal-polyfill")
    }
    texts = package.texts()
    imported = {
        name
        for path, text in texts.items()
        if path.endswith(".js")
        for name in re.findall(r'(?:from |import\(|import )"([^."][^"]*)"', text)
    }
    assert "yjs" in imported
    assert [name for name in imported for part in OF_VIEWS if part in name] == []
    assert not any(path.startswith(("views/", "node_modules/")) for path in texts)


def test_a_bundle_has_one_yjs_and_nothing_that_its_program_does_not_name(
    programs: Path,
) -> None:
    board = 'import { openClient } from "moim-client"; openClient({ url: "/sync" });'
    wants = {
        "board": board,
        "yjs_beside": 'import * as Y from "yjs"; console.log(Y); ' + board,
        "calendars": 'import { calendars } from "moim-client"; console.log(calendars);',
        "nothing": 'import "moim-client";',
    }
    used = {name: bundled(programs, name, program) for name, program in wants.items()}
    assert used["nothing"] == set()
    assert {"moim-client", "yjs", "lib0", "zustand"} <= used["board"]
    assert used["board"].isdisjoint({"rrule-temporal", "temporal-polyfill"})
    assert used["yjs_beside"] == used["board"]
    assert {"rrule-temporal", "temporal-polyfill"} <= used["calendars"]


def bundled(folder: Path, name: str, program: str) -> set[str]:
    """The packages of which something is in a program's bundle; each has to be there once."""
    (folder / f"{name}.js").write_text(program)
    meta = folder / f"{name}.json"
    places = (f"--outdir={name}", f"--metafile={meta}", "--log-level=error")
    bundling = ("--bundle", "--format=esm", "--splitting")
    run(MODULES / ".bin/esbuild", f"{name}.js", *bundling, *places, cwd=folder)
    outputs = json.loads(meta.read_text())["outputs"]
    (output,) = (made for made in outputs.values() if made.get("entryPoint") == f"{name}.js")
    homes = {
        "".join(HOME.findall(path))
        for path, part in output["inputs"].items()
        if part["bytesInOutput"] > 0 and "node_modules/" in path
    }
    packages = {home.rpartition("node_modules/")[2] for home in homes}
    assert len(homes) == len(packages)
    return packages


def test_it_says_its_version_and_licence_and_nothing_of_this_machine(
    package: ClientPackage,
) -> None:
    version = json.loads((FRONTEND / "package.json").read_text())["version"]
    assert package.manifest()["version"] == version
    assert package.tarball.name == f"moim-client-{version}.tgz"
    texts = package.texts()
    assert texts["LICENSE"] == (ROOT / "LICENSE").read_text()
    told = {str(ROOT), str(package.built.parent), "registry.", "sourceMappingURL"}
    assert [(path, word) for path, text in texts.items() for word in told if word in text] == []


def test_its_cards_have_the_type_of_every_field_that_the_schema_has(
    package: ClientPackage,
) -> None:
    schema = json.loads(SCHEMA.read_text())
    fields = schema["properties"]["cards"]["additionalProperties"]
    fields = schema["$defs"][fields["$ref"].rpartition("/")[2]] if "$ref" in fields else fields
    declared = "".join(
        package.texts()[path] for path in ("store/types.d.ts", "client/card_fields.d.ts")
    )
    cards = "".join(re.findall(r"interface Card \{(.*?)\n\s*\}", declared, re.DOTALL))
    typed = set(re.findall(r"readonly (\w+):", cards))
    # A place is told as column and key, notes are a text of their own, a stamp is not shown.
    assert set(fields["properties"]) - {"place", "notes", "created"} <= typed
