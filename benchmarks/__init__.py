"""Measurements: each module prints a table, run as ``python -m benchmarks.<module>`` from the checkout."""
