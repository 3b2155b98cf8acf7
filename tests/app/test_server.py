"""The server that `drsim app` starts: what it tells browsers, and whom it asks."""

from __future__ import annotations

import socket
import threading
from http.client import HTTPConnection

import pytest

from benchmarks.server import served

pytestmark = pytest.mark.long


def test_the_server_guards_its_pages_and_asks_nobody() -> None:
    """No page of somebody else's may show one of ours; nobody outside is asked for anything, whoever knocks."""
    with socket.socket() as outside:
        outside.bind(("localhost", 0))
        outside.listen()
        asked: list[bytes] = []

        def listen() -> None:
            while True:
                try:
                    line, _ = outside.accept()
                except OSError:
                    return
                with line:
                    asked.append(line.recv(1000))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        # whatever Streamlit asks of the internet it asks by way of a proxy, where there is one
        proxy = f"http://localhost:{outside.getsockname()[1]}"
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
        with served(address="0.0.0.0", environment={**proxies, "no_proxy": "", "NO_PROXY": ""}) as server:  # noqa: S104
            for path in ("/", "/what-if?strategy=x", "/_stcore/health", "/media/none.png"):
                headers = _headers(server.port, path)
                assert headers["content-security-policy"] == "frame-ancestors 'none'"
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["referrer-policy"] == "no-referrer"
            assert _headers(server.port, "/etc/passwd", Accept="text/html")["location"] == "/"
            # a page from elsewhere knocks
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            stranger = {"Origin": "http://elsewhere.example", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
            _headers(server.port, "/_stcore/stream", **upgrade, **stranger)
            said = server.log.read_text(encoding="utf-8")
        assert "External URL" not in said
        assert not asked


def _headers(port: int, path: str, **headers: str) -> dict[str, str]:
    """Return the headers of an answer."""
    line = HTTPConnection("localhost", port)
    try:
        line.request("GET", path, headers=headers)
        return {name.lower(): value for name, value in line.getresponse().getheaders()}
    finally:
        line.close()
