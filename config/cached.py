"""What lies in Redis, as JSON: read back as a pickle it could be made to run."""

from __future__ import annotations

import json


class AsJson:
    """Django's form of a serializer. What the application and its libraries keep there is plain values."""

    def __init__(self, protocol: object = None) -> None:
        """`protocol` is for pickles."""

    def dumps(self, value: object) -> bytes | int:
        """A value for Redis, which counts whole numbers itself."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, raw: bytes | int) -> object:
        """A value out of Redis. Raises ValueError for what is none of ours."""
        try:
            return int(raw)
        except ValueError:
            return json.loads(raw)
