"""Import what warns at its import, before pytest turns warnings into errors."""

import warnings

with warnings.catch_warnings():
    # webob imports the standard library's cgi module, or on Python 3.13 its replacement legacy-cgi.
    warnings.filterwarnings("ignore", "'cgi' is deprecated", DeprecationWarning)
    import webob.acceptparse  # noqa: F401
