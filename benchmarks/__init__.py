"""Measurements, each a script that prints a table and the machine it ran on; README.md lists them."""
