"""Made-up input of all kinds, for as long as a budget says: `pytest -m fuzz`, as CI does."""
