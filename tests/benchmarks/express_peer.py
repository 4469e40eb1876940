"""The peer in Express (express/server.js): installed once, in a folder of its own, where Node is."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from sessions_app import embedded
from tests.benchmarks.raw_asgi import CONNECTIONS, DATABASE, KEY
from tests.faults.product import Product
from tests.running import free_port

SOURCE = Path(__file__).parent / "express"
INSTALL_SECONDS = 120


def start(product: Product, role: str) -> int | None:
    """Start it on the product's database, reached as `role`, to be ended with the product; its port.

    None where Node or npm is not here, or does not get what is to be installed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    folder = _installed(npm) if node and npm else None
    if node is None or folder is None:
        return None
    port = free_port()
    server = embedded.ensure_running(product.data_dir / "postgres")
    told = {
        DATABASE: server.url(role, embedded.DATABASE),
        "BENCHMARK_CONNECTIONS": str(CONNECTIONS),
        "BENCHMARK_KEY": KEY,
        "NODE_ENV": "production",
        "PORT": str(port),
    }
    process = product.run("express", str(folder / "server.js"), program=node, **told)
    return product.listening(process, port).port


def _installed(npm: str) -> Path | None:
    """The folder it runs in, outside the tree; what was installed for other sources gives way."""
    kept = settings.DATA_DIR / "express"
    sources = hashlib.sha256(b"".join(source.read_bytes() for source in sorted(SOURCE.iterdir())))
    if (home := kept / sources.hexdigest()[:16]).exists():
        return home
    shutil.rmtree(kept, ignore_errors=True)
    making = kept / "unfinished"
    shutil.copytree(SOURCE, making)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=making, capture_output=True, check=True, timeout=INSTALL_SECONDS)
    except subprocess.SubprocessError:
        return None
    return making.rename(home)
