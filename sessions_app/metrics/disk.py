"""The disk that the data folder is on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings


class Disk(NamedTuple):
    """In bytes."""

    free: int
    total: int


def disk_of_data() -> Disk:
    """How full it is; where the folder is not there, as beside a database elsewhere, its parent's."""
    folder = Path(settings.DATA_DIR)
    there = next(step for step in (folder, *folder.parents) if os.access(step, os.F_OK))
    usage = shutil.disk_usage(there)
    return Disk(usage.free, usage.total)
