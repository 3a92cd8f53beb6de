"""A project's own app with a condition of its own."""
