"""What a next release would bring: a migration of tables that everybody reads and writes."""
