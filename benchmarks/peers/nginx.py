"""nginx serving a file: how fast a dump can leave this machine."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.installing import debian, said
from benchmarks.processes import LOOPBACK, free_port, running, wait_until_it_answers

NAME = "nginx"
SETTINGS = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
worker_processes auto;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  types {{ text/turtle ttl; }}
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen {address};
    root {root};
  }}
}}
"""


class Nginx:
    """nginx with one folder, every file of it served by sendfile."""

    name = NAME

    def install(self) -> None:
        """Install it from Debian; raises Unavailable."""
        self._command = debian("nginx", "nginx")

    def version(self) -> str:
        """Return what the command says."""
        return said([str(self._command), "-v"]).split("/")[-1].strip()

    @contextlib.contextmanager
    def serving_files(self, root: Path, folder: Path) -> Iterator[str]:
        """Serve the files in ``root``; yields the base URL. Its own files go to ``folder``."""
        address, settings, log = f"{LOOPBACK}:{free_port()}", folder / "nginx.conf", folder / "nginx.log"
        # Its workers must read a folder that is ours alone; without root they run as we do.
        text = "user root;" + SETTINGS.format(folder=folder, address=address, root=root)
        settings.write_text(text, "utf-8")
        with running([self._command, "-p", folder, "-c", settings, "-e", folder / "nginx-error.log"], log) as process:
            wait_until_it_answers(f"http://{address}/", process, log)
            yield f"http://{address}"
