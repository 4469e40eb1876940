"""A process of the product's."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 40


@dataclass
class Process:
    """One process of ours, and what it says."""

    popen: subprocess.Popen[bytes]
    log: Path
    port: int = 0

    @property
    def resident_bytes(self) -> int:
        """How much memory it holds."""
        return int(Path(f"/proc/{self.popen.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(10)

    def stop(self) -> int:
        """SIGTERM, then wait; returns the exit code. Raises TimeoutExpired where it had to be killed."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
