import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions_app.embedded import Server, ensure_running, stop


@pytest.fixture(scope="session", autouse=True)
def _fast() -> Iterator[None]:
    """No waiting for the disk; tests that look at what a kill leaves switch this off again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDDED_POSTGRES_FAST_UNSAFE", "1")
        yield


@pytest.fixture
def home() -> Iterator[Path]:
    """A short folder that every user may pass through, as pytest's own is for root only."""
    yield from _home()


@pytest.fixture
def data_dir(home: Path) -> Iterator[Path]:
    yield home / "data"
    stop(home / "data")


@pytest.fixture(scope="session")
def master() -> Iterator[Path]:
    """The home of a stopped server, to copy from."""
    for home in _home():
        ensure_running(home / "data")
        stop(home / "data")
        yield home


@pytest.fixture
def used_dir(home: Path, data_dir: Path, master: Path) -> Path:
    """The data folder of a stopped server: a copy, which takes a fifth of the time of a first start."""
    subprocess.run(["cp", "-a", f"{master}/.", home], check=True)
    return data_dir


@pytest.fixture(scope="session")
def shared() -> Iterator[Server]:
    """A server for tests that only look, or clean up behind themselves."""
    for home in _home():
        yield ensure_running(home / "data")
        stop(home / "data")


def _home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp" if sys.platform == "darwin" else None))  # noqa: S108
    if os.geteuid() == 0:
        folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
