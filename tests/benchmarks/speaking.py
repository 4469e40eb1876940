"""Somebody who says things in a project from a process of their own, as the worker does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.product import Product
from tests.running import ROOT, environment


@contextmanager
def speaking(product: Product) -> Iterator[Callable[[dict[str, object]], list[float]]]:
    """Who says things in a process of their own: asked what, tells when each was committed."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", "from tests.benchmarks.said import speak; speak()"],
        cwd=ROOT,
        env=environment(product.data_dir, **product.more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def speak(asked: dict[str, object]) -> list[float]:
        print(json.dumps(asked), file=process.stdin, flush=True)
        for line in process.stdout:
            if line.startswith("SAID "):
                return json.loads(line.removeprefix("SAID "))
        raise AssertionError("nothing was said")

    try:
        yield speak
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
