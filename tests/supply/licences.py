"""Under which licence each package comes, by its SPDX name; one that is unknown is an error."""

from __future__ import annotations

from importlib import metadata
from importlib.metadata import PackageMetadata

# The names that packages use which tell no SPDX expression.
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "MIT OR Apache-2.0": "MIT OR Apache-2.0",
    "MPL-2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSF-2.0": "PSF-2.0",
}
# Read in the package's own licence file: its metadata says less, or it is not installed on every platform.
_READ = {
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT",
    "channels": "BSD-3-Clause",
    "channels-redis": "BSD-3-Clause",
    "colorama": "BSD-3-Clause",
    "daphne": "BSD-3-Clause",
    "defusedxml": "PSF-2.0",
    "django-csp": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pytest-django": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "sqlparse": "BSD-3-Clause",
    "tiktoken": "MIT",
    "u-msgpack-python": "MIT",
}
# Passing the product on asks for their notices; MPL and LGPL also for changes to their own files.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "LGPL-3.0-only", "MIT"),
    *("MIT-0", "MPL-2.0", "PSF-2.0", "PostgreSQL", "TCL", "ZPL-2.1"),
}
# Programs that only developers run, on code that they check.
ALLOWED_IN_DEVELOPMENT = ALLOWED | {"GPL-3.0-or-later"}


def licence_of(package: str) -> str:
    """The SPDX expression of a locked package. Raises LookupError when nothing tells it."""
    if package in _READ:
        return _READ[package]
    try:
        told = metadata.metadata(package)
    except metadata.PackageNotFoundError as missing:
        raise LookupError(f"{package} is not installed here: read its licence file, see _READ") from missing
    found = told.get("License-Expression") or _by_its_words(told)
    if not found:
        raise LookupError(f"{package} tells no licence in words known: read its licence file, see _READ")
    return found


def terms(expression: str) -> set[str]:
    """The licences that an expression names."""
    return set(expression.replace("(", "").replace(")", "").split()) - {"AND", "OR", "WITH"}


def _by_its_words(told: PackageMetadata) -> str:
    classifiers = told.get_all("Classifier") or []
    words = [told.get("License") or "", *(line.rpartition(" :: ")[2] for line in classifiers)]
    return next((_SPDX[word] for word in words if word in _SPDX), "")
