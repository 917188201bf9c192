"""A door that speaks as much of S3 as the portal asks for, on loopback; it trusts every signature.

Objects lie in ``door.objects`` under their keys, so that a test may look, change and take away.
``door.away`` makes it hang up on every request; ``door.refuse`` names methods answered with 503;
``door.public`` lets in who has no signature at all.
"""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

BUCKET = "test-bucket"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
PAGE = 3
"""Keys a list gives at once: few, so that a short test turns the page."""


class Door:
    def __init__(self):
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.away, self.refuse, self.public = False, set(), False
        self.numbers = count(1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def opened():
    door = Door()
    thread = threading.Thread(target=door.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.server.shutdown()
        door.server.server_close()
        thread.join()


def use(door, settings):
    """From now on the default storage of the test is this door."""
    options = {"bucket_name": BUCKET, "endpoint_url": door.url}
    backend = {"BACKEND": "documents.objectstore.ObjectStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def _handler(door: Door):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def _serve(self):
            parts = urlsplit(self.path)
            bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
            asked = {name: one[0] for name, one in parse_qs(parts.query, True).items()}
            door.asked.append((self.command, key))
            data = self._body()
            if door.away:
                self.close_connection = True
                self.connection.close()
                return
            if self.command in door.refuse:
                self._error(503, "SlowDown")
            elif not door.public and "Authorization" not in self.headers:
                self._error(403, "AccessDenied")
            elif bucket != BUCKET:
                self._error(404, "NoSuchBucket")
            elif not key:
                self._list(asked)
            else:
                getattr(self, f"_{self.command.lower()}")(key, asked, data)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

        def _body(self) -> bytes:
            if self.headers.get("Expect", "").lower() == "100-continue":
                pass  # the base class has said "go on"
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _get(self, key, asked, data):
            if key not in door.objects:
                return self._error(404, "NoSuchKey")
            whole = door.objects[key]
            headers = {"ETag": _etag(whole), "Last-Modified": "Sat, 28 Nov 2026 00:00:00 GMT"}
            wanted = self.headers.get("Range")
            if wanted and self.command == "GET":
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                begin, end = int(first), min(int(last or len(whole)), len(whole) - 1)
                headers["Content-Range"] = f"bytes {begin}-{end}/{len(whole)}"
                return self._say(206, whole[begin : end + 1], headers)
            return self._say(200, whole, headers)

        _head = _get

        def _put(self, key, asked, data):
            if "partNumber" in asked:
                door.parts[asked["uploadId"]][int(asked["partNumber"])] = data
            else:
                door.objects[key] = data
            self._say(200, b"", {"ETag": _etag(data)})

        def _post(self, key, asked, data):
            if "uploads" in asked:
                upload = f"upload-{next(door.numbers)}"
                door.parts[upload] = {}
                said = f"<UploadId>{upload}</UploadId>"
                self._xml("InitiateMultipartUploadResult", said)
            else:
                numbers = [
                    int(one.text)
                    for one in ElementTree.fromstring(data).iter()
                    if one.tag.endswith("PartNumber")
                ]
                held = door.parts.pop(asked["uploadId"])
                door.objects[key] = b"".join(held[number] for number in numbers)
                self._xml("CompleteMultipartUploadResult", f"<Key>{escape(key)}</Key>")

        def _delete(self, key, asked, data):
            if "uploadId" in asked:
                door.parts.pop(asked["uploadId"], None)
            else:
                door.objects.pop(key, None)
            self._say(204, b"")

        def _list(self, asked):
            prefix, cut = asked.get("prefix", ""), asked.get("delimiter", "")
            found: dict[str, bool] = {}
            for key in sorted(door.objects):
                if key.startswith(prefix):
                    inner, more, _ = key[len(prefix) :].partition(cut) if cut else (key, "", "")
                    found[prefix + inner + more if more else key] = bool(more)
            names = [name for name in found if name > asked.get("marker", "")]
            said = "".join(
                f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
                if found[name]
                else f"<Contents><Key>{escape(name)}</Key></Contents>"
                for name in names[:PAGE]
            )
            if len(names) > PAGE:
                said += f"<NextMarker>{escape(names[PAGE - 1])}</NextMarker>"
            more = "true" if len(names) > PAGE else "false"
            self._xml("ListBucketResult", f"<IsTruncated>{more}</IsTruncated>{said}")

        def _xml(self, name, said):
            self._say(200, f"{XML}<{name}>{said}</{name}>".encode())

        def _error(self, status, code):
            self._say(status, f"{XML}<Error><Code>{code}</Code></Error>".encode())

        def _say(self, status, data, headers=None):
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    return Handler


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
