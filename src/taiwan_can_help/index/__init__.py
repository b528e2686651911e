"""The index of a release: a SQLite file that answers what pages ask of every term, beside the engine."""
