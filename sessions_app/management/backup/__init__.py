"""Back-ups: one file that holds the database and says what is in it, and the way back from it.

    made = dumping.make_backup(reader(), file, say)
    restored = restoring.restore(file, owner(), reader_role, say)

The file is a zip of two members: `database.dump`, which pg_restore reads, and `manifest.json`, by which a
restore is checked before anything takes the old database's place.
"""
