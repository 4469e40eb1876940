"""daphne, with what `manage.py serve` adds to it; no other command loads any of it."""

# Before anything of Twisted's, which would choose another reactor than asyncio's.
import daphne.server  # noqa: F401
