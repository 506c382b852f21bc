"""The gateway's side of the services' HTTP interface: bytes in, bytes out.

One session with kept connections. A call may be repeated whenever no answer came, reads because they change nothing and commands because
their client key makes a repeat harmless; so a service that restarts for a second or two is waited for.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

import aiohttp
import msgspec
import structlog
from yarl import URL

from gateway.errors import RemoteProblem
from services.chassis.errors import NotFound, Problem, Unavailable
from services.chassis.telemetry import CORRELATION_HEADER, correlation

CONNECTIONS = 200
KEEP_ALIVE_SECONDS = 60  # less than the services', so that it is we who let a connection go
CONNECT_SECONDS = 2
FILE_SECONDS = 300
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

log = structlog.get_logger()


class Services:
    """All services by name. Opened and closed with the app."""

    def __init__(self, urls: Mapping[str, str], *, seconds: float, patience: float) -> None:
        self._urls = {name: url.rstrip("/") for name, url in urls.items()}
        self._reads = {name: URL(f"{url}/read") for name, url in self._urls.items()}
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        self._seconds = seconds
        self._patience = patience
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._open = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            await self._open.close()

    async def read(self, service: str, root: str, args: bytes, select: bytes, token: str) -> bytes:
        """The JSON of a root. Raises Problem: the service's own, or Unavailable."""
        body = b'{"root":"%b","args":%b,"select":%b}' % (root.encode(), args, select)
        return await self._post(service, self._reads[service], body, token)

    async def command(self, service: str, name: str, given: bytes, select: bytes, token: str) -> bytes:
        """The JSON of what a command changed. Raises Problem: the service's own, or Unavailable."""
        body = b'{"input":%b,"select":%b}' % (given, select)
        return await self._post(service, URL(f"{self._urls[service]}/commands/{name}"), body, token)

    async def forward(
        self,
        service: str,
        method: str,
        path: str,
        *,
        under: str,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes] | None,
        token: str | None,
    ) -> aiohttp.ClientResponse:
        """The service's answer to a request for a path under `under`, its body not read yet. Raises NotFound, Unavailable."""
        if service not in self._urls:
            raise NotFound("no such path")
        own = {CORRELATION_HEADER: correlation.get() or "", **({"Authorization": f"Bearer {token}"} if token else {})}
        timeout = aiohttp.ClientTimeout(total=FILE_SECONDS, sock_connect=CONNECT_SECONDS)
        try:
            return await self._session.request(
                method,
                URL(f"{self._urls[service]}/{under}/{path}", encoded=True),
                data=body,
                headers={**headers, **own},
                timeout=timeout,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError) as error:
            log.warning("service.unreachable", service=service, path=f"/{under}", reason=type(error).__name__)
            raise Unavailable(f"{service} cannot be reached") from None

    async def ready(self, service: str) -> None:
        """Raises Unavailable unless the service says that it is ready."""
        try:
            async with self._session.get(f"{self._urls[service]}/readyz") as answer:
                ready = answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            ready = False
        if not ready:
            raise Unavailable(f"{service} is not ready")

    async def _post(self, service: str, url: URL, body: bytes, token: str) -> bytes:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            CORRELATION_HEADER: correlation.get() or "",
        }
        loop = asyncio.get_running_loop()
        began = loop.time()
        pause = 0.0
        while True:
            try:
                async with self._session.post(url, data=body, headers=headers, timeout=self._timeout) as answer:
                    content = await answer.read()
                    if answer.status == 200:
                        return content
                    problem = _problem(service, answer.status, content)
                    if not isinstance(problem, Unavailable):
                        raise problem
                    reason = "unavailable"
            except TimeoutError:
                log.warning("service.slow", service=service, path=url.path)
                raise Unavailable(f"{service} did not answer in time") from None
            except (aiohttp.ClientError, OSError) as error:
                problem, reason = Unavailable(f"{service} cannot be reached"), type(error).__name__
            if loop.time() - began + pause > self._patience:
                log.warning("service.unreachable", service=service, path=url.path, reason=reason)
                raise problem
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise RuntimeError("the services' session is not open")
        return self._open


def _problem(service: str, status: int, content: bytes) -> Problem:
    try:
        document = msgspec.json.decode(content, type=dict[str, object])
    except msgspec.DecodeError:
        document = {}
    if status in (502, 503, 504):
        return Unavailable(str(document.get("detail") or f"{service} is temporarily unavailable"))
    if "code" not in document:
        log.error("service.failed", service=service, status=status)
        return Problem(f"{service} failed; the correlation id finds it in the log")
    return RemoteProblem(document)
