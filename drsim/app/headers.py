"""What the server adds to Streamlit's answers: what browsers are to leave alone, and a way home."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

HEADERS = {
    # a page of somebody else's must not show this one inside itself, and lead a visitor's clicks there
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    # a file is what it is said to be: a download is never taken for a page
    "X-Content-Type-Options": "nosniff",
    # the address of a page holds a scenario, which is nobody else's business
    "Referrer-Policy": "no-referrer",
}


class Headers:
    """Adds headers to every answer that has not got them."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers; who asks for a page where none can be is led home."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _is_lost(scope, home := _home()):
            await RedirectResponse(home)(scope, receive, sent)
        else:
            await self._app(scope, receive, sent)


def _home() -> str:
    """Return the path of the first page, which stands in a folder where another server passes requests on."""
    folder = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{folder}/" if folder else "/"


def _is_lost(scope: Scope, home: str) -> bool:
    """Whether a browser asks for a page in a folder: pages have none, and one would look for its parts in vain."""
    wanted = MutableHeaders(scope=scope).get("accept", "")
    path = scope["path"].removeprefix(home).strip("/")
    return "text/html" in wanted and "/" in path and not path.startswith(_OWN)


_OWN = ("_stcore/", "media/", "component/", "static/", "app/static/")
"""What Streamlit answers itself."""
