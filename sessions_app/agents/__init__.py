"""In-house agents: they listen to the chat and look for gaps, by the same doors as agents from outside."""
