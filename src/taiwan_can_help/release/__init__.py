"""Releases: immutable folders that hold a built graph, its dumps and its queries."""
