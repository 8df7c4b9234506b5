"""A PostgreSQL server of one's own for tests and trials: started in a moment, gone without a trace.

It listens on a Unix socket in its own folder and nowhere else, waits for no disk, and lets in everybody
who can reach the socket; only the user "locked" needs a password.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from postlaunch.ledger_place import PostgresPlace

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each release; elsewhere they are on the PATH."""

OWNER = "postgres"
"""Who runs the server where we are root, which PostgreSQL refuses to be run by."""

PRIVATE = ("listen_addresses=", "max_connections=200")
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB")
WHO_MAY_CONNECT = "local all locked scram-sha-256\nlocal all all trust\n"
START_SECONDS = 60
MISSING = "no PostgreSQL is installed (apt-get install postgresql, pip install 'postlaunch[postgres]')"


def programs() -> Path | None:
    """The folder of the newest release's programs, or None where there is none."""
    releases = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    if releases:
        return max(releases, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def available() -> bool:
    """Whether a server can be started, and its driver is there."""
    try:
        import psycopg
    except ImportError:
        return False
    return bool(psycopg) and programs() is not None


class PostgresServer:
    """A running server. Use it as a context manager.

    Args:
        durable: wait for the disk as a server in production does, which measurements want.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = PRIVATE if durable else (*PRIVATE, *QUICK)
        self._databases = 0
        self.folder = Path(tempfile.mkdtemp(prefix="postlaunch-pg-"))
        self._server: subprocess.Popen[bytes] | None = None

    def place(self, database: str, user: str = OWNER) -> PostgresPlace:
        """A database of this server."""
        return PostgresPlace(f"postgresql://{user}@/{database}?host={self.folder}")

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements as its superuser, outside of any transaction; the rows are those of the last."""
        import psycopg

        with psycopg.connect(self.place(database).url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str = "template0") -> PostgresPlace:
        """A fresh database like another one."""
        self._databases += 1
        name = f"fresh_{self._databases}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.place(name)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[PostgresPlace]:
        """A fresh database that is dropped in the end, whoever is still connected."""
        place = self.new_database(template)
        try:
            yield place
        finally:
            self.run(f'DROP DATABASE IF EXISTS "{name_of(place)}" WITH (FORCE)')

    def start(self) -> None:
        """Make the data folder, if there is none yet, and start.

        Raises:
            RuntimeError: it did not start.
        """
        data = self.folder / "data"
        bin_folder = programs()
        if bin_folder is None:
            raise RuntimeError(MISSING)
        if not data.exists():
            self._make(bin_folder, data)
        options = [f"-c{setting}" for setting in self._settings]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603 - the server's own program
                [str(bin_folder / "postgres"), "-D", str(data), f"-k{self.folder}", *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as_owner(),
            )
        self._wait()

    def _make(self, bin_folder: Path, data: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self.folder.chmod(0o755)
        subprocess.run(  # noqa: S603 - the server's own program
            [
                str(bin_folder / "initdb"),
                f"--pgdata={data}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **_as_owner(),
        )
        (data / "pg_hba.conf").write_text(WHO_MAY_CONNECT)

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.place("postgres").url).close()
                return
            except psycopg.OperationalError as error:
                assert self._server is not None
                if self._server.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"PostgreSQL did not start: {said}") from error
                time.sleep(0.02)

    def stop(self) -> None:
        """End the server at once, as a power cut would."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(START_SECONDS)
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def name_of(place: PostgresPlace) -> str:
    """The name of a place's database."""
    return urlsplit(place.url).path.removeprefix("/")


def _as_owner() -> dict[str, Any]:
    """How a program of the server's is started: by its owner where we are root."""
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
