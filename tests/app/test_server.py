"""The server that `drsim app` starts: what it tells browsers, and whom it asks."""

from __future__ import annotations

import asyncio
import socket
import threading
from http.client import HTTPConnection

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message
from streamlit import config

from benchmarks.server import served
from drsim.app.headers import Headers

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


@pytest.mark.parametrize(
    ("folder", "path", "home"),
    [
        ("", "/compare", None),
        ("", "/etc/passwd", "/"),
        ("", "/_stcore/health", None),
        ("team/drsim", "/team/drsim/compare", None),
        ("team/drsim", "/team/drsim/", None),
        ("team/drsim", "/team/drsim/etc/passwd", "/team/drsim/"),
        ("team/drsim", "/team/drsim/_stcore/health", None),
    ],
)
def test_the_way_home_leads_to_the_folder_of_the_app(
    folder: str, path: str, home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another server passes requests on to the app, it stands in a folder there, and its pages with it."""
    monkeypatch.setattr(config, "get_option", {"server.baseUrlPath": folder}.__getitem__)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept", b"text/html")]}
    asyncio.run(Headers(PlainTextResponse("a page"))(scope, receive, send))
    assert dict(sent[0]["headers"]).get(b"location") == (None if home is None else home.encode())
