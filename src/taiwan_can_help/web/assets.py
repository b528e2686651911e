"""``/static``: the stylesheet, and what the build made of ``frontend/``, compressed where the client takes it."""

import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

blueprint = Blueprint("assets", __name__)

STATIC = Path(str(files("taiwan_can_help.web"))) / "static"
STYLESHEET = "style.css"
BUILT = "built"
# Content codings that the build made, the smallest first (https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1).
ENCODINGS = {"br": ".br", "gzip": ".gz"}
HASHED = re.compile(r"-[0-9A-Z]{8}\.\w+$")  # as the bundler names what it makes
YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/static/<path:filename>")
def static(filename: str) -> Response:
    """Send a file; where its name has its content's hash, a cache may keep it for good."""
    if filename == STYLESHEET:
        return _stylesheet()
    encoding = next((coding for coding in ENCODINGS if _takes(coding, filename)), None)
    hashed = HASHED.search(filename) is not None
    response = send_from_directory(
        STATIC,
        filename + ENCODINGS.get(encoding or "", ""),
        mimetype=guess_type(filename)[0],
        max_age=YEAR_SECONDS if hashed else None,
    )
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if hashed:
        response.cache_control.immutable = True
    return response


def _stylesheet() -> Response:
    """Send our own stylesheet, which no build compresses."""
    content = (STATIC / STYLESHEET).read_bytes()
    response = Response(content, mimetype="text/css")
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response


def asset(name: str) -> str | None:
    """Return the address of a built file by its name in ``frontend/src``; None where nothing was built."""
    built = _manifest().get(name)
    return built and f"/static/{BUILT}/{built}"


@cache
def _manifest() -> dict[str, str]:
    """Return what the build wrote; a checkout that was never installed has none, and its pages work without."""
    path = STATIC / BUILT / "manifest.json"
    manifest: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return manifest


def _takes(encoding: str, name: str) -> bool:
    return request.accept_encodings.quality(encoding) > 0 and (STATIC / (name + ENCODINGS[encoding])).is_file()
