"""The hot door: what was answered is told again only while all it hangs on is the same."""
