"""The processes of a running server: the keeper of the engine, and gunicorn's web processes."""
