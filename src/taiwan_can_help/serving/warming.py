"""The site's own named queries, asked before anybody else does."""

import logging
import threading
import time
from typing import TYPE_CHECKING

from werkzeug.test import Client

from taiwan_can_help.errors import InputError
from taiwan_can_help.serving.sites import Sites

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOK_SECONDS = 1.0
# A client that names no format, and a browser.
ACCEPTS = ("*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")


def keep_warm(app: "WSGIApplication", sites: Sites) -> None:
    """Ask an application for each named query in the background, one at a time, and again at each new release."""
    threading.Thread(target=_keep_warm, args=(app, sites), daemon=True, name="warming").start()


def _keep_warm(app: "WSGIApplication", sites: Sites) -> None:
    client = Client(app)
    warmed = ""
    while True:
        time.sleep(LOOK_SECONDS)  # at first too: who asks while the server starts is answered before
        try:
            site = sites.current()
            for name in site.queries if site.release.id != warmed else ():
                for accept in ACCEPTS:
                    client.get(f"/queries/{name}", headers={"Accept": accept}, buffered=True).close()
            warmed = site.release.id
        except (OSError, InputError) as error:  # the release was switched meanwhile, or the server ends
            logging.getLogger(__name__).info("The cache could not be warmed: %s", error)
