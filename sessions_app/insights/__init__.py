"""Rules that need no database: plain values in, dataclasses out, standard library only."""
