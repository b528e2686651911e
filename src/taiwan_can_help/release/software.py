"""The software that decides the bytes of a release, beside its dataset."""

from importlib.metadata import version

SOFTWARE = {name: version(name) for name in ("taiwan-can-help", "pyoxigraph", "pyshacl", "rdflib", "zstandard")}
