"""Style sheets and scripts with what they import, as one file: a browser asks once, not forty times.

Written for how ours are written: imports stand first in a file, each names files beside it, and a module
exports functions and classes only. What is written otherwise is refused, never joined wrongly.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# The text of a file by its name below `static/`.
Read = Callable[[str], str]

_STYLES = re.compile(r'^@import "(?P<path>\./[^"]+)";\n', re.MULTILINE)
_IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\} from )?"(?P<path>\./[^"]+)"\n',
    re.MULTILINE,
)
_EXPORT = re.compile(r"^export (?=(?:async )?function\b|class\b)", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|class) (\w+)", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(name: str, read: Read) -> str | None:
    """A style sheet or script with all it imports; None for one that imports nothing.

    Raises ValueError where it is not written as the module says, or imports itself.
    """
    text = read(name)
    if name.endswith(".css") and _STYLES.search(text):
        return _STYLES.sub(lambda found: read(_beside(name, found["path"])), text)
    if name.endswith(".js") and _IMPORT.search(text):
        return _script(name, read)
    return None


def _script(name: str, read: Read) -> str:
    """Each module in a function of its own, which returns what it exports; in the order in which they run."""
    parts: dict[str, str] = {}
    under_way: list[str] = []

    def add(module: str) -> None:
        if module in under_way:
            raise ValueError(f"{' imports '.join([*under_way, module])}: a circle")
        if module in parts:
            return
        under_way.append(module)
        text = read(module)
        for found in _IMPORT.finditer(text):
            add(_beside(module, found["path"]))
        parts[module] = _in_function(module, text)
        under_way.pop()

    add(name)
    return "".join(parts.values())


def _in_function(module: str, text: str) -> str:
    exports = _EXPORTED.findall(text)

    def taken(found: re.Match[str]) -> str:
        if found["names"] is None:
            return ""
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", found["names"])
        return f"const {{{names}}} = {_variable(_beside(module, found['path']))}\n"

    body = _EXPORT.sub("", _IMPORT.sub(taken, text))
    if left := _LEFT.search(body):
        raise ValueError(f"{module} cannot be joined: {left.group()}")
    return f"const {_variable(module)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }}\n}})()\n"


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _variable(module: str) -> str:
    return "$" + re.sub(r"\W", "_", module)
