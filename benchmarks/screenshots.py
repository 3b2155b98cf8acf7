"""Pictures of every page of the app, at two widths and in both themes, for the documentation.

python -m benchmarks.screenshots [--out FOLDER] [--drills N] [--only PAGE ...]
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import numpy as np
from PIL import Image
from playwright.sync_api import Browser

from benchmarks.browser import PATIENCE_MS, launched, quiet
from benchmarks.server import served

_CHANGES = quote('{"replication/shop.images":"S3 replication → recovery","response/declare":"10 min"}')

PAGES = {
    "compare": "?",
    "plan": "plan?find=plan&",
    "what-if": f"what-if?strategy=copies&disruption=region-loss&changes={_CHANGES}&",
    "estate": "estate?",
    "incident": "incident?strategy=copies&disruption=region-loss&",
    "cost": "cost?strategy=copies&disruption=region-loss&",
    "sensitivity": "sensitivity?strategy=copies&disruption=region-loss&",
    "catalogue": "catalogue?",
}
"""Where each page is, with choices that show something."""

WIDTHS = 1440, 768
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_HIGHEST = 8000
_COLOURS = 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures, and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    parser.add_argument("--drills", type=int, default=500)
    parser.add_argument("--only", nargs="+", choices=list(PAGES), default=list(PAGES))
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    with served() as server, launched() as browser:
        for name in asked.only:
            for width in WIDTHS:
                for theme in THEMES:
                    picture = _picture(browser, f"{server.url}/{PAGES[name]}drills={asked.drills}", width, theme)
                    file = asked.out / f"{name}-{width}-{theme}.png"
                    file.write_bytes(picture)
                    print(f"{file.name}: {len(picture) / 1000:,.0f} kB", flush=True)
    return 0


def _picture(browser: Browser, url: str, width: int, theme: Literal["light", "dark"]) -> bytes:
    """Return a page in its full height as PNG."""
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=theme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    try:
        page.goto(url)
        quiet(page)
        # the page scrolls within itself: as high as all that is on it
        height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": min(int(height) + 40, _HIGHEST)})
        quiet(page)
        return _small(page.screenshot())
    finally:
        context.close()


def _small(png: bytes) -> bytes:
    """Return a picture with few colours: the most frequent ones unchanged, and those that differ most from these."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(np.int64)
    packed = pixels @ (65_536, 256, 1)
    colours, where, counts = np.unique(packed, return_inverse=True, return_counts=True)
    parts = np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=1)
    chosen = list(np.argsort(-counts)[: _COLOURS // 2])
    far = np.full(len(parts), np.iinfo(np.int64).max)
    nearest = np.zeros(len(parts), dtype=np.uint8)
    # the library's own search for the nearest colour is not exact: white became a grey
    for number in range(min(_COLOURS, len(parts))):
        if number == len(chosen):
            chosen.append(far.argmax())
        away = ((parts - parts[chosen[number]]) ** 2).sum(axis=1)
        nearest[away < far] = number
        far = np.minimum(far, away)
    few = Image.fromarray(nearest[where].reshape(packed.shape), mode="P")
    few.putpalette(parts[chosen].astype(np.uint8).tobytes())
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
