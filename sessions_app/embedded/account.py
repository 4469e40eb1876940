"""The system user PostgreSQL runs as: the one running now, or for root somebody else."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedError
from .place import Place

UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True)
class Account:
    """A system user to run programs as; without a uid, the one running now."""

    uid: int | None = None
    gid: int | None = None

    def subprocess_arguments(self) -> dict[str, Any]:
        """Return what makes `subprocess` run a program as this user, away from our terminal."""
        if sys.platform == "win32":
            return {}
        # A folder every user may be in; ours may be closed to the other user.
        arguments: dict[str, Any] = {"cwd": "/"}
        if self.uid is not None:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def give(self, path: Path) -> None:
        """Make one file or folder belong to this user."""
        if sys.platform != "win32" and self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(place: Place) -> Account:
    """Return the user to run PostgreSQL as. PostgreSQL itself refuses to run as root.

    As root that is the owner of the data, or `nobody` for new data and for data that belongs to
    root itself. Nothing is changed here.

    Args:
        place: the server's place.

    Raises:
        EmbeddedError: the data belongs to another user, or a folder on the way is closed to the
            user; the text names the folder.
    """
    if sys.platform == "win32":
        return Account()
    owner = place.data.stat() if place.data.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise EmbeddedError(
                f"The database in {place.data} belongs to another system user (number {owner.st_uid}). "
                "Start as that user or as root, or set DATA_DIR to a folder of your own."
            )
        return Account()
    account = Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid != 0 else _unprivileged()
    if closed := closed_to(account, place.data.parent):
        raise EmbeddedError(
            f"As root, PostgreSQL runs as another system user (number {account.uid}), who may not pass "
            f"through the folder {closed}. Set DATA_DIR to a folder that every user can pass through, or "
            "start as a normal user."
        )
    return account


def closed_to(account: Account, folder: Path) -> Path | None:
    """Return the first folder on the way to `folder`, or itself, that the user may not pass through."""
    if account.uid is None:
        return None
    for step in reversed([folder, *folder.parents]):
        facts = step.stat()
        if facts.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif facts.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not facts.st_mode & needed:
            return step
    return None


def take_over(place: Place, account: Account) -> None:
    """Give data that belongs to root (put back from a back-up, say) to the user of PostgreSQL.

    Nothing outside the data folder is changed.
    """
    if sys.platform == "win32" or account.uid is None or place.data.stat().st_uid != 0:
        return
    for parent, folders, files in os.walk(place.data):
        for name in (*folders, *files):
            account.give(Path(parent, name))
    # The top last: while it belongs to root nobody else can change what is being walked.
    account.give(place.data)


def _unprivileged() -> Account:
    if sys.platform == "win32":
        return Account()
    import pwd

    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED_USER!r} to run it as. "
            "Start as another user, or set DATABASE_URL to use a server that runs elsewhere."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
