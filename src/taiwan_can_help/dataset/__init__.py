"""A dataset folder on disk: which files it has, and the graph they state."""
