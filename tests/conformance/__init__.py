"""Public conformance suites, run against our own engine and HTTP layer; see README.md."""
