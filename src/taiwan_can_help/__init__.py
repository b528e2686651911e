"""Taiwan Can Help, as linked data: files -> graph -> validated release -> engine -> protocol -> Flask."""

__version__: str


def __getattr__(name: str) -> str:
    """Return the version once it is asked for: to look it up takes longer than the engine's processes take to load."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("taiwan-can-help")
