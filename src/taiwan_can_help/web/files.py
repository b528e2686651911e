"""Files of the release, sent by the kernel: compressed at build, with validators and ranges for each coding."""

import os

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.wsgi import wrap_file

from taiwan_can_help.protocol.coding import CODINGS, IDENTITY, Coding, choose_coding
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.ranges import requested_range
from taiwan_can_help.web.site import site


def send_coded(name: str, content_type: str) -> Response:
    """Send a file of the release in the coding that the client likes best."""
    coding = choose_coding(request.headers.get("Accept-Encoding"))
    if coding is None:
        known = ", ".join(coding.name for coding in (*CODINGS, IDENTITY))
        raise Problem(406, "Not acceptable", f"The file comes as {known}.", {"Vary": "Accept-Encoding"})
    return _send(name, content_type, coding)


def send_packed(name: str, coding: Coding) -> Response:
    """Send the compressed copy of a file of the release as a file of its own."""
    return _send(name + coding.suffix, coding.media_type, IDENTITY)


def _send(name: str, content_type: str, coding: Coding) -> Response:
    release = site().release
    stored = name + coding.suffix
    tag = release.files[stored]
    file = (release.root / stored).open("rb")
    size = os.fstat(file.fileno()).st_size
    # gunicorn's file wrapper hands the file to sendfile(2), from where it stands and for as long as the header says.
    response = Response(wrap_file(request.environ, file), content_type=content_type, direct_passthrough=True)
    response.content_length = size
    response.set_etag(tag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.content_encoding = coding.name
    response.make_conditional(request)
    if request.method == "GET" and response.status_code == 200:
        try:
            part = requested_range(request.headers.get("Range"), request.headers.get("If-Range"), tag, size)
        except Problem:
            file.close()
            raise
        if part is not None:
            file.seek(part.start)
            response.status_code = 206
            response.content_length = len(part)
            response.content_range = ContentRange("bytes", part.start, part.stop, size)
    return response
