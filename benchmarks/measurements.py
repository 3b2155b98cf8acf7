"""Write the page of published measurements, and its picture, from the catalogue.

    python -m benchmarks.measurements

It writes docs/reference/measurements.md and docs/images/measurements.png: each measurement against the 5th and 95th
percentile of what drsim draws for the same thing, and which distributions were moved, and why.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from drsim.catalogue import MovedBand, load_catalogue
from drsim.report import measurements
from drsim.report.measurement_charts import measurement_chart
from drsim.study.bands import Band, bands

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "measurements.md"
PICTURE = ROOT / "docs" / "images" / "measurements.png"

_HEAD = """\
# Published measurements

What people and AWS have measured and published, held against what drsim draws for the same type, size and thing.
A band reaches from the 5th to the 95th percentile of what is drawn; a percentile near 50 is a usual value.
A measurement is *inside* where it lies in its band, of a range its middle; a bound where something beyond it does.
Measurements are few, and often of empty or small resources: a band is not fitted to them.
It is moved where they contradict it, by a reason, and stays wide where little is known.

The page is written from `drsim/catalogue/data/aws/measurements.yaml` by `python -m benchmarks.measurements`.
`drsim catalogue --list measurements` prints the same, `drsim catalogue TYPE` those of a type.

![What was measured, over the distributions of the catalogue](../images/measurements.png)
"""

_COLUMNS = ("measured", "value", "5 % below", "95 % below", "percentile", "inside", "conditions", "source")
_UNMEASURED = "The types below have no published measurement that was found: "


def page() -> str:
    """Return the page."""
    return "\n".join(_lines(bands(load_catalogue().measurements.all)))


def _lines(rows: Sequence[Band]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield _HEAD
    yield measurements.summary(rows)
    outside = [band for band in rows if not band.is_inside]
    yield f"Outside are {len(outside)}: " + "; ".join(_short(band) for band in outside) + "."
    catalogue = load_catalogue()
    yield _UNMEASURED + ", ".join(name for name in catalogue.types if not catalogue.measurements.of(name)) + "."
    yield ""
    yield "## Distributions that measurements have moved\n"
    yield _row(("of", "distribution", "was", "is", "why"))
    yield _row(("---",) * 5)
    for moved in catalogue.measurements.moved:
        yield _row((", ".join(moved.types), f"`{moved.parameter}`", moved.before, _now(moved), moved.why))
    for name in dict.fromkeys(band.measurement.of for band in rows):
        mine = [band for band in rows if band.measurement.of == name]
        yield f"\n## {name}\n"
        yield measurements.summary(mine) + "\n"
        table = measurements.table(mine, name)
        places = [[column.title for column in table.columns].index(title) for title in _COLUMNS]
        yield _row(_COLUMNS)
        yield _row(("---",) * len(_COLUMNS))
        for cells, band in zip(table.rows, mine, strict=True):
            yield _row((*(cells[k] for k in places[:-1]), _linked(band)))
    yield ""


def _short(band: Band) -> str:
    measured = band.measurement
    return f"{measured.of}, {measurements.what(measured)}, {measurements.value(measured)}"


def _linked(band: Band) -> str:
    publication = band.measurement.publication
    return f"[{publication.title}]({publication.url}) ({publication.publisher}, {publication.date})"


def _now(moved: MovedBand) -> str:
    """Return what a moved distribution is now; the same in all of its types."""
    values = {dict(load_catalogue().types[name].leaves())[moved.parameter].written for name in moved.types}
    return " or ".join(sorted(values))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Write page and picture."""
    PAGE.write_text(page(), encoding="utf-8")
    chart = measurement_chart(bands(load_catalogue().measurements.all))
    chart.savefig(PICTURE, dpi=110, metadata={"Software": None})
    for path in (PAGE, PICTURE):
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
