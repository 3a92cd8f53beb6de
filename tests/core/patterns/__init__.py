"""The tests of sources: a file for each way to match, and what all have in common."""
