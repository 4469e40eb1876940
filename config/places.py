"""Where the product keeps its data when DATA_DIR does not say."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

SYSTEM_DIR = Path("/var/lib/leftoff")


def default_data_dir(base_dir: Path) -> Path:
    """The folder `var` of the checkout; for root in a checkout closed to others, one of the system.

    PostgreSQL does not run as root but as another user, who must be able to pass through every folder
    above its data. The folder's name carries the checkout's, so that two of them share nothing.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or _is_open(base_dir):
        return base_dir / "var"
    return SYSTEM_DIR / f"{base_dir.name}-{hashlib.sha256(str(base_dir).encode()).hexdigest()[:8]}"


def _is_open(folder: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))
