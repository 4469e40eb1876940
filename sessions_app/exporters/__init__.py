"""Plain rows in, a file format out: the other way of `importers`. Knows nothing of Django."""
