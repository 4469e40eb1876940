"""Where everything of one embedded server lies: the data folder and the files beside it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The data folder and its neighbours, all of them named after it.

    The neighbours lie beside the folder, not in it: as root the folder belongs to another system
    user, who has no business in the passwords or the lock.
    """

    data: Path

    @classmethod
    def of(cls, data_dir: Path) -> Place:
        """Return the place of a data folder, whichever way its path is spelled."""
        return cls(data_dir.expanduser().resolve())

    @property
    def lock(self) -> Path:
        return self._beside("lock")

    @property
    def users(self) -> Path:
        return self._beside("users")

    @property
    def passwords(self) -> Path:
        return self._beside("passwords.json")

    @property
    def port(self) -> Path:
        return self._beside("port")

    @property
    def log(self) -> Path:
        return self._beside("log")

    @property
    def unfinished_prefix(self) -> str:
        """How the folders begin in which a first start is under way, or was when it was killed."""
        return f"{self.data.name}.new-"

    def unfinished(self) -> Iterator[Path]:
        """Yield the folders that killed first starts left behind."""
        # Not glob: the name of the data folder may hold characters that mean something there.
        for path in self.data.parent.iterdir():
            if path.name.startswith(self.unfinished_prefix):
                yield path

    def is_initialised(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    def make_parents(self) -> None:
        """Create the missing parent folders; the ones that exist keep their modes."""
        # As root the server runs as somebody else, who must be able to walk through.
        mode = 0o711 if sys.platform != "win32" and os.geteuid() == 0 else 0o700
        for folder in reversed(self.data.parents):
            try:
                folder.mkdir(mode=mode)
            except FileExistsError:
                continue
            except OSError:
                # Windows refuses a drive, macOS the root, with errors of their own.
                if not folder.is_dir():
                    raise
                continue
            folder.chmod(mode)  # the umask may have taken bits away

    def _beside(self, ending: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{ending}")


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all.

    Args:
        path: the file; an older one is replaced.
        text: what it holds afterwards.

    Raises:
        OSError: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(stat.S_IRUSR | stat.S_IWUSR)
    draft.replace(path)
