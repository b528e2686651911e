"""The software that decides the bytes of a release, beside its dataset."""

from importlib.metadata import version

_PACKAGES = ("taiwan-can-help", "opencc", "pyoxigraph", "pyshacl", "rdflib", "zstandard")
SOFTWARE = {name: version(name) for name in _PACKAGES}
