"""Connect to the base URL, through a proxy or not, and explain why a connection failed."""

import contextlib
import errno
import socket
import ssl
from collections.abc import Iterable
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from mjsync.api.pacing import RetryableError
from mjsync.errors import Call, Unclear, Unreachable

_LARGEST_PIECE = 64 * 1024
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Connector:
    """Makes transports that share one SSL context (the system's trust store) and follow the proxy variables.

    Plain http is for loopback, and goes there directly: a proxy would read the keys.
    """

    def __init__(self, base_url: str) -> None:
        self._url = httpx.URL(base_url)
        self._context: ssl.SSLContext | None = None

    def transport(self) -> httpx.BaseTransport:
        """Return a transport with its own connections. Raises Unreachable where the proxy variables cannot be used."""
        if self._url.scheme != "http" and self._context is None:
            self._context = ssl.create_default_context()  # making one costs up to 0.3 s
        try:
            transport = httpx.HTTPTransport(verify=self._context or False, proxy=self._proxy())
        except (ImportError, ValueError, httpx.InvalidURL):
            message = "the proxy that HTTPS_PROXY, or ALL_PROXY, names cannot be used"
            way_out = "Set the URL of an HTTP proxy, or name the host in NO_PROXY."
            raise Unreachable(message, way_out) from None
        pool = transport._pool  # noqa: SLF001 - httpx passes neither of these on
        pool._network_backend = _OnePieceBackend()  # noqa: SLF001
        transport._pool = _OneConnection(pool)  # type: ignore[assignment] # noqa: SLF001
        return transport

    def error(self, call: Call, fault: Exception) -> Exception:
        """Return the error for a request without an answer: retry where that is safe, else look up the outcome."""
        what, way_out = self._reason(fault)
        if call.method == "POST" and not isinstance(fault, _NEVER_SENT):
            return Unclear(what, way_out, call=call)
        return RetryableError(Unreachable(what, way_out, call=call))

    def _reason(self, fault: Exception) -> tuple[str, str]:
        """Return what failed, as a message, and the way out."""
        proxy, host = self._proxy(), _host_and_port(self._url)
        at = f"the proxy {_host_and_port(httpx.URL(proxy))}" if proxy else host
        proxy_way_out = "Check HTTPS_PROXY, or name the host of the base URL in NO_PROXY." if proxy else ""
        if isinstance(fault, httpx.ProxyError):
            return f"{at} refused to connect to {host} ({fault})", proxy_way_out
        causes: list[BaseException] = []
        cause: BaseException | None = fault
        while cause is not None:
            causes.append(cause)
            cause = cause.__cause__ or cause.__context__
        for cause in causes:
            if isinstance(cause, ConnectionRefusedError):
                way_out = "Check the host and port of the base URL, and that the server runs."
                return f"nothing listens at {at} (connection refused)", proxy_way_out or way_out
            if isinstance(cause, socket.gaierror):
                way_out = "Check the spelling of the base URL, and the DNS of this machine."
                return f"the host name of {at} cannot be resolved ({cause.strerror})", proxy_way_out or way_out
            if isinstance(cause, ssl.SSLCertVerificationError):
                way_out = "Check the base URL and the clock; for a private certificate authority, set SSL_CERT_FILE."
                return f"the TLS certificate of {host} is not trusted ({cause.verify_message})", way_out
            if isinstance(cause, ssl.SSLError):
                way_out = "Check the scheme and the port of the base URL."
                return f"{host} does not speak TLS as expected ({cause.reason})", way_out
        return _other_reason(at, fault, causes)

    def _proxy(self) -> str | None:
        if self._url.scheme == "http" or proxy_bypass(self._url.host):
            return None
        proxies = getproxies()
        return proxies.get(self._url.scheme) or proxies.get("all")


def _other_reason(at: str, fault: Exception, causes: Iterable[BaseException]) -> tuple[str, str]:
    way_out = "Check the network and the base URL, then try again."
    if isinstance(fault, httpx.ConnectTimeout):
        return f"{at} did not accept a connection in time", way_out
    if isinstance(fault, httpx.TimeoutException):
        return f"{at} sent no answer in time", "Try again later."
    if any(isinstance(cause, OSError) and cause.errno in _NO_ROUTE for cause in causes):
        return f"there is no route to {at}", way_out
    if isinstance(fault, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"{at} closed the connection before its answer was complete ({_text(fault)})", way_out
    return f"no answer came from {at} ({_text(fault)})", way_out


def _host_and_port(url: httpx.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port or {'https': 443}.get(url.scheme, 80)}"


def _text(fault: Exception) -> str:
    return str(fault) or type(fault).__name__


class _OneConnection:
    """Sends one request after the other on one connection, and opens another where the server has closed it.

    A pool would look for a connection for a quarter of the CPU of a request.
    """

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool
        self._connection: httpcore.ConnectionInterface | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; the response of the one before must have been read."""
        if self._connection is None or self._connection.is_closed() or self._connection.has_expired():
            self.close()
            self._connection = self._pool.create_connection(request.url.origin)
        return self._connection.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()


class _OnePieceBackend(httpcore.SyncBackend):
    """Streams that send a request's head and body together, so that a killed client leaves no half request."""

    def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        """Return a connected stream."""
        return _OnePieceStream(super().connect_tcp(*arguments, **options))


class _OnePieceStream(httpcore.NetworkStream):
    """Keeps what is written until the answer is read, or until it is more than one piece."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._kept = bytearray()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Keep the bytes, or send all of them."""
        self._kept += buffer
        if len(self._kept) >= _LARGEST_PIECE:
            self._send(timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send what is kept, then read; a server may answer, and close, before it has read all."""
        with contextlib.suppress(httpcore.WriteError):
            self._send(timeout)
        return self._inner.read(max_bytes, timeout)

    def start_tls(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        """Return the encrypted stream."""
        self._send(None)
        return _OnePieceStream(self._inner.start_tls(*arguments, **options))

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection, such as its addresses."""
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        """Close the connection; what is kept was never begun."""
        self._inner.close()

    def _send(self, timeout: float | None) -> None:
        kept, self._kept = bytes(self._kept), bytearray()
        if kept:
            self._inner.write(kept, timeout)
