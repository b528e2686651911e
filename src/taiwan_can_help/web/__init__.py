"""The Flask application: pages and HTTP over a release and an engine; it does not know which engine."""
