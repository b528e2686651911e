"""The SPARQL protocol without I/O: bytes and headers in, a decision out. Knows no Flask and no engine."""
