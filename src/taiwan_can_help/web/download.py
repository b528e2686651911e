"""``/download``: the files of the release, with their sizes and checksums, and how to name them."""

from dataclasses import dataclass

from flask import Blueprint, Response

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import DATASET, DATASET_GRAPH
from taiwan_can_help.protocol.formats import DUMP_FORMATS
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import BEHIND_HTML, read, run
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("download", __name__)


@dataclass(frozen=True)
class File:
    """A file of the release: its name, media type, bytes and SHA-256."""

    name: str
    media_type: str
    size: int
    sha256: str


@blueprint.get("/download")
def download() -> Response:
    """List the dumps, plain and compressed, and say how to cite the dataset."""
    release = site().release
    types = {f"dump.{format_.suffix}": format_.media_types[0] for format_ in DUMP_FORMATS}
    files = [
        File(name, media_type, (release.root / name).stat().st_size, release.files[name])
        for stem, media_type in types.items()
        for name in sorted(release.files)
        if name == stem or name.startswith(f"{stem}.")
    ]
    bindings = {"dataset": f"<{DATASET}>"}
    query = Query(page_query("citation"), default_graphs=(DATASET_GRAPH,), bindings=bindings)
    citation = next(iter(read(run(query, BEHIND_HTML)).rows), None)
    return page("download.html", files=files, release=release, citation=citation)
