"""A cache of whole answers in front of the application, within each web process."""
