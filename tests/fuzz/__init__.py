"""Requests that nobody would send on purpose, and what must hold of every answer.

``make test`` sends 300 that are the same each time; ``make fuzz`` sends 10,000 by a seed that it prints, and a table at
the end. TCH_FUZZ is the number of requests, TCH_FUZZ_SEED the seed to repeat a run by.
"""
