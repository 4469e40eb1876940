"""The programs as the user of PostgreSQL can run them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from .account import Account, closed_to
from .binaries import BIN_VARIABLE, WHEEL, find_bin_dir
from .errors import EmbeddedError
from .place import Place


def programs_for(place: Place, account: Account) -> Path:
    """Return a folder with the programs that this user can reach.

    As root in a folder of root's own (a checkout below /root, say) the wheel is closed to the user
    that PostgreSQL runs as: then its programs are copied once, beside the data.

    Raises:
        EmbeddedError: there is no PostgreSQL at all, or it is closed to the user and not the wheel's.
    """
    bin_dir = find_bin_dir()
    closed = closed_to(account, bin_dir)
    if closed is None:
        return bin_dir
    wheel = bin_dir.parent.parent
    if wheel.name != WHEEL:
        raise EmbeddedError(
            f"As root, PostgreSQL runs as another system user (number {account.uid}), who may not pass "
            f"through the folder {closed}. Set {BIN_VARIABLE} to PostgreSQL programs that every user can "
            "run, or start as a normal user."
        )
    # Named after the installation, so that another version's copy is another folder.
    copy = place.data.with_name(f"{place.data.name}.programs-{bin_dir.parent.name}")
    if not copy.exists():
        _copy(wheel, bin_dir.parent.name, copy)
    return copy / bin_dir.relative_to(wheel.parent)


def _copy(wheel: Path, installation: str, copy: Path) -> None:
    # Aside and renamed: a copy that was killed half-way is never taken for a whole one.
    draft = Path(mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
    # The programs find the wheel's libraries by their relative place: both keep it.
    libraries = f"{WHEEL}.libs"
    for part in (Path(wheel.name, installation), Path(libraries)):
        if (wheel.parent / part).exists():
            shutil.copytree(wheel.parent / part, draft / part, symlinks=True)
    for folder, _, _ in os.walk(draft):
        Path(folder).chmod(0o755)
    try:
        draft.rename(copy)
    except OSError:
        # Another process was first with the same copy.
        shutil.rmtree(draft)
