"""The one error that bad input raises, wherever it is met."""


class InputError(Exception):
    """Something a person gave is at fault; the message says what, where, and how to mend it."""
