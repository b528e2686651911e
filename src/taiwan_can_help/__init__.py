"""Taiwan Can Help, as linked data: files -> graph -> validated release -> engine -> protocol -> Flask."""

from importlib.metadata import version

__version__ = version("taiwan-can-help")
