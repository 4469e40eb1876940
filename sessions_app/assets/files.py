"""The static files, each also under a name with its content's hash in it, which can be kept for ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from sessions_app.assets.joined import joined

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# Smaller still by their own format.
_PACKED_ALREADY = {".png"}
_HASH_CHARACTERS = 12
_HASHED = re.compile(rf"(?P<stem>.+)\.(?P<hash>[0-9a-f]{{{_HASH_CHARACTERS}}})(?P<suffix>\.\w+)")
# The best of Brotli takes a megabyte three seconds, its middle a twentieth of one.
_SMALL_BYTES = 256 * 1024
_BEST, _MIDDLE = 11, 6


@dataclass(frozen=True)
class Asset:
    """One static file; scripts and styles hold what they import. `name` is below `static/`."""

    name: str
    content: bytes

    @cached_property
    def hash(self) -> str:
        """What its address carries, and its ETag."""
        return hashlib.sha256(self.content).hexdigest()[:_HASH_CHARACTERS]

    @property
    def hashed_name(self) -> str:
        """The name under which it never changes."""
        stem, suffix = posixpath.splitext(self.name)
        return f"{stem}.{self.hash}{suffix}"

    @cached_property
    def integrity(self) -> str:
        """What a browser checks a copy by that came from elsewhere."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.content).digest()).decode()}"

    @property
    def kind(self) -> str:
        """Its content type."""
        return _KINDS.get(Path(self.name).suffix, "application/octet-stream")

    @cached_property
    def brotli(self) -> bytes | None:
        """It in Brotli; None where that makes it no smaller. Takes up to half a second, once."""
        is_small = len(self.content) <= _SMALL_BYTES
        return self._if_smaller(lambda raw: brotli.compress(raw, quality=_BEST if is_small else _MIDDLE))

    @cached_property
    def gzip(self) -> bytes | None:
        """Likewise, for whoever does not know Brotli."""
        return self._if_smaller(lambda raw: gzip.compress(raw, mtime=0))

    def _if_smaller(self, packing: Callable[[bytes], bytes]) -> bytes | None:
        if Path(self.name).suffix in _PACKED_ALREADY:
            return None
        packed = packing(self.content)
        return packed if len(packed) < len(self.content) else None


def find(name: str) -> Asset | None:
    """The file of this name, joined with what it imports; with DEBUG as it lies there now."""
    if settings.DEBUG:
        path = _paths().get(name)
        return Asset(name, path.read_bytes()) if path else None
    return _kept(name) if name in _kept_paths() else None


def without_hash(name: str) -> tuple[str, str | None]:
    """A name as it was before the hash was put into it, and that hash; None where it has none."""
    found = _HASHED.fullmatch(name)
    return (f"{found['stem']}{found['suffix']}", found["hash"]) if found else (name, None)


def _paths() -> dict[str, Path]:
    """Where each static file lies; of two of one name the first, as Django's finders look for them."""
    found: dict[str, Path] = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            found.setdefault(name.replace("\\", "/"), Path(storage.path(name)))
    return found


_kept_paths = cache(_paths)


@cache
def _kept(name: str) -> Asset:
    paths = _kept_paths()
    whole = joined(name, lambda part: paths[part].read_text(encoding="utf-8")) if _is_text(name) else None
    return Asset(name, paths[name].read_bytes() if whole is None else whole.encode())


def _is_text(name: str) -> bool:
    return name.endswith((".css", ".js"))
