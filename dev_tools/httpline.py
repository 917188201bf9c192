"""A small HTTP/1.1 client over TLS for asyncio: one connection a person, as browsers have it."""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlencode


class Broken(Exception):
    """The connection failed, or no whole answer came in time."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Line:
    """A person's connection with their cookie. Opened again by itself when it was closed.

    Only to 127.0.0.1: this is no tool for loading anybody else's server.
    """

    port: int
    trust: ssl.SSLContext
    session: str
    token: str
    seconds: float = 60.0
    reader: asyncio.StreamReader | None = field(default=None, repr=False)
    writer: asyncio.StreamWriter | None = field(default=None, repr=False)

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, "")

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        return await self._ask("POST", path, urlencode(fields))

    def head(self, method: str, path: str, body: str) -> str:
        """The request as it goes out, with the cookies' names under HTTPS (portal/settings.py)."""
        origin = f"https://127.0.0.1:{self.port}"
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: __Host-sessionid={self.session}; __Host-csrftoken={self.token}",
            "Connection: keep-alive",
        ]
        if method == "POST":
            head += [
                f"Origin: {origin}",
                f"X-CSRFToken: {self.token}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        return "\r\n".join([*head, "", body])

    async def _ask(self, method: str, path: str, body: str) -> Answer:
        text = self.head(method, path, body)
        try:
            async with asyncio.timeout(self.seconds):
                if self.writer is None or self.writer.is_closing():
                    self.reader, self.writer = await asyncio.open_connection(
                        "127.0.0.1", self.port, ssl=self.trust
                    )
                assert self.reader is not None
                self.writer.write(text.encode())
                await self.writer.drain()
                return await self._answer(self.reader)
        except (OSError, TimeoutError, EOFError, ValueError, ssl.SSLError) as error:
            await self.close()
            raise Broken(f"{type(error).__name__} {error}".strip()) from None

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int((await reader.readline()).split(b";")[0], 16):
                parts.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            body = b"".join(parts)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            await self.close()
        return Answer(status, headers, body.decode("utf-8", "replace"))

    async def close(self) -> None:
        writer, self.reader, self.writer = self.writer, None, None
        if writer is not None:
            writer.transport.abort()
