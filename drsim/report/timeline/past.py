"""What there was to recover from: points, continuous protection and replicas, each with its fate."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.report.incident_words import waits
from drsim.report.timeline.about import About
from drsim.report.timeline.model import Mark
from drsim.study.remains import Live, Point


class Past(About):
    """What there was to recover an application from."""

    def marks(self) -> Iterator[Mark]:
        """Yield it by resource, newest first."""
        for m in self.with_data():
            yield from self._marks(m)

    def _marks(self, m: int) -> Iterator[Mark]:
        name = self.world.members[m].entity
        for live in self.incident.remains.live(m):
            yield self._live(name, live)
        for point in self.incident.remains.points(m):
            yield self._point(name, point)

    def _live(self, name: str, live: Live) -> Mark:
        to = live.to_s - self.occurred
        begins = live.from_s - self.occurred
        used = live.fate.is_chosen
        return Mark(name, live.kind, live.name, live.place, math.nan, to, to, math.inf, begins, live.fate, is_used=used)

    def _point(self, name: str, point: Point) -> Mark:
        captured = point.captured_s - self.occurred
        return Mark(
            resource=name,
            kind="point",
            rule=point.rule,
            place=point.vault,
            scheduled_s=point.scheduled_s - self.occurred,
            captured_s=captured,
            available_s=point.available_s - self.occurred,
            expires_s=point.expires_s - self.occurred,
            from_s=captured,
            fate=point.fate,
            is_used=point.fate.is_chosen,
            waits="; ".join(waits(self.world, point)),
            skipped=point.skipped,
        )
