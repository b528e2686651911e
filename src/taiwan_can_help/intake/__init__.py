"""Import a batch of tables into a dataset's Turtle: read, check, state, write. docs/import.md has the format."""
