"""Worlds of one application each, beside each other in one: many protections of one thing are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drsim.world.groups import grouped
from drsim.world.model import Application, Member, Resource, Vault, World
from drsim.world.streams import Stream


def beside(worlds: Sequence[World]) -> World:
    """Return a world in which the applications of several stand, which have no steps and no limits.

    Application, resources, members and streams of one world come after those of the one before, under the same names
    and with the same draws. What a disruption strikes is as in the first.

    Args:
        worlds: with one application each, of the same sites.
    """
    vaults = list(dict.fromkeys(vault for world in worlds for vault in world.vaults))
    applications: list[Application] = []
    resources: list[Resource] = []
    members: list[Member] = []
    streams: list[Stream] = []
    for world in worlds:
        shift = _Shift(world, vaults, len(applications), len(resources), len(members), len(streams))
        applications += map(shift.application, world.applications)
        resources += map(shift.resource, world.resources)
        members += map(shift.member, world.members)
        streams += map(shift.stream, world.streams)
    world = replace(worlds[0], vaults=tuple(vaults), applications=tuple(applications), resources=tuple(resources))
    return grouped(replace(world, members=tuple(members), streams=tuple(streams)))


class _Shift:
    """The parts of a world with the indices that they have where others come before.

    Args:
        world: the world.
        vaults: those of all worlds.
        application, resource, member, stream: how many come before.
    """

    def __init__(
        self, world: World, vaults: Sequence[Vault], application: int, resource: int, member: int, stream: int
    ) -> None:
        number = {vault: i for i, vault in enumerate(vaults)}
        self._vault = [number[vault] for vault in world.vaults]
        self._application, self._resource, self._member, self._stream = application, resource, member, stream

    def application(self, application: Application) -> Application:
        return replace(application, resources=tuple(r + self._resource for r in application.resources))

    def resource(self, resource: Resource) -> Resource:
        return replace(
            resource,
            app=resource.app + self._application,
            members=tuple(m + self._member for m in resource.members),
            after=tuple(r + self._resource for r in resource.after),
        )

    def member(self, member: Member) -> Member:
        continuous = (
            replace(c, vault=self._vault[c.vault], bases=tuple(s + self._stream for s in c.bases))
            for c in member.continuous
        )
        return replace(
            member,
            resource=member.resource + self._resource,
            streams=tuple(s + self._stream for s in member.streams),
            continuous=tuple(continuous),
        )

    def stream(self, stream: Stream) -> Stream:
        copies = tuple(replace(copy, vault=self._vault[copy.vault]) for copy in stream.copies)
        return replace(stream, member=stream.member + self._member, vault=self._vault[stream.vault], copies=copies)
