"""Pages kept in memory: what a release says at an address does not change, so it is put together once."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from taiwan_can_help.protocol import formats as f
from taiwan_can_help.web.languages import language
from taiwan_can_help.web.site import site

# The pages that were asked for last; one is some 30 KB.
MOST_PAGES = 500

Arguments = ParamSpec("Arguments")
_pages: OrderedDict[tuple[str, ...], Response] = OrderedDict()
_lock = threading.Lock()


def kept(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """Keep the pages that a view gives for addresses without a query, by release and language.

    The view depends on nothing else of the request, and its pages have an ETag.
    """

    @wraps(view)
    def keeping(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        if request.query_string:
            return view(*args, **kwargs)
        key = (site().release.id, view.__module__, request.script_root, request.path, language())
        with _lock:
            known = _pages.get(key)
            if known is not None:
                _pages.move_to_end(key)
        if known is None:
            known = view(*args, **kwargs)
            if known.status_code != 200 or known.mimetype != f.HTML.media_types[0]:
                return known
            with _lock:
                _pages[key] = known
                if len(_pages) > MOST_PAGES:
                    _pages.popitem(last=False)
        copy = Response(known.get_data(), 200, known.headers)
        copy.make_conditional(request)
        return copy

    return keeping
