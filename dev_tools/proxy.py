"""Our own nginx before the web processes: TLS on a free port of 127.0.0.1, then thrown away."""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev_tools import debian, machine
from dev_tools.children import Child
from dev_tools.ground import ROOT, CannotProvide, DevError, run_quietly, tail
from dev_tools.servers import other_user

SITE = ROOT / "deploy/site.conf.template"
FRAME = ROOT / "deploy/nginx.conf"

WHOLE = """
daemon off;
pid {folder}/nginx.pid;
worker_processes 1;
worker_rlimit_nofile {files};
error_log {folder}/error.log warn;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def site(places: Mapping[str, str], *, template: str = "") -> str:
    """The site's configuration. Only names in braces are filled in: nginx has `$names` of its own.

    A name that is not given is a KeyError, as a forgotten setting should be.
    """
    text = template or SITE.read_text(encoding="utf-8")
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: places[found[1]], text)


def number(setting: str) -> int:
    """What the compose file's nginx has there. `DevError` where it says nothing."""
    found = re.search(rf"{setting} (\d+);", FRAME.read_text(encoding="utf-8"))
    if found is None:
        raise DevError(f"{FRAME.name} says nothing of {setting}")
    return int(found[1])


def whole(folder: Path, filled: str) -> str:
    """The configuration with this site, everything it writes in the folder."""
    return WHOLE.format(
        folder=folder,
        site=filled,
        files=number("worker_rlimit_nofile"),
        connections=number("worker_connections"),
    )


class Proxy:
    """nginx as the compose file has it, with a certificate of its own making."""

    def __init__(self, *, https: int, http: int, web: Sequence[int]) -> None:
        self.https, self.http, self.web = https, http, web
        self.folder: Path | None = None
        self.certificate: Path | None = None

    def child(self) -> Child:
        """Everything but the start. Raises `CannotProvide` where there is no nginx to be had."""
        program = debian.program("nginx")
        if not program:
            debian.provide(["nginx-light"], what="nginx")
            program = debian.program("nginx")
        if not program:
            raise CannotProvide("nginx was installed but not found")
        self.folder = folder = Path(tempfile.mkdtemp(prefix="jiebang-nginx-"))
        made = run_quietly(
            [machine.PYTHON, "-m", "dev_tools.certificate", folder], env=machine.child_env()
        )
        if made.returncode:
            raise CannotProvide(f"no certificate could be made:\n{tail(made.stdout)}")
        self.certificate = folder / "site.crt"
        places = {
            "WEB_SERVERS": " ".join(
                f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in self.web
            ),
            "HTTPS_LISTEN": f"127.0.0.1:{self.https}",
            "HTTP_LISTEN": f"127.0.0.1:{self.http}",
            "CERTIFICATE": str(self.certificate),
            "CERTIFICATE_PRIVATE": str(folder / "site.key"),
        }
        config = folder / "nginx.conf"
        config.write_text(whole(folder, site(places)), encoding="utf-8")
        user = other_user("nginx")
        if user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, user)
        return Child(
            "nginx",
            [program, "-e", folder / "error.log", "-p", folder, "-c", config],
            env=machine.child_env(),
            log=folder / "log",
            user=user,
            stop_signal=3,  # SIGQUIT: nginx ends the requests it has first
        )

    def remove(self) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
