"""The mutations that no shape finds, since what they make is a record that could be right."""

HARMLESS: dict[tuple[str, str], str] = {}
