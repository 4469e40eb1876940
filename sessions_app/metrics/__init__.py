"""What is counted while the product runs. Counting is arithmetic in memory: it never asks the database."""
