"""Edits of a world, by where they act: members, streams, places and vaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from drsim.catalogue import ResourceType
from drsim.changes.model import WorldEdit
from drsim.world import World
from drsim.world.model import Member, Restoration, Site, Vault
from drsim.world.streams import Stream


def on_members(members: Iterable[int], change: Callable[[Member], Member]) -> WorldEdit:
    """Return the edit of some members."""
    chosen = frozenset(members)

    def edit(world: World) -> World:
        changed = (change(member) if m in chosen else member for m, member in enumerate(world.members))
        return replace(world, members=tuple(changed))

    return edit


def on_restorations(change: Callable[[Restoration], Restoration], members: Iterable[int] | None = None) -> WorldEdit:
    """Return the edit of how members are restored: some, or all."""
    chosen = None if members is None else frozenset(members)

    def edit(world: World) -> World:
        changed = (
            replace(member, restoration=change(member.restoration)) if chosen is None or m in chosen else member
            for m, member in enumerate(world.members)
        )
        return replace(world, members=tuple(changed))

    return edit


def on_streams(members: Iterable[int], change: Callable[[World, Stream], Stream]) -> WorldEdit:
    """Return the edit of the streams of some members."""
    chosen = frozenset(members)

    def edit(world: World) -> World:
        streams = {s for m in chosen for s in world.members[m].streams}
        changed = (change(world, stream) if s in streams else stream for s, stream in enumerate(world.streams))
        return replace(world, streams=tuple(changed))

    return edit


def with_site(world: World, site: Site) -> tuple[World, int]:
    """Return the world with a site, and the site's index; nothing limits jobs at a new one."""
    if site in world.sites:
        return world, world.sites.index(site)
    unlimited = on_restorations(
        lambda law: replace(
            law,
            copy_limits=(*law.copy_limits, ()),
            restore_limits=(*law.restore_limits, ()),
            cold_limits=(*law.cold_limits, ()),
        )
    )
    return replace(unlimited(world), sites=(*world.sites, site)), len(world.sites)


def with_vault(
    world: World, name: str, site: int, *, native: bool = False, keys: tuple[str, ...] = ()
) -> tuple[World, int]:
    """Return the world with a new vault without a lock, under keys or one of its own, and the vault's index."""
    return replace(world, vaults=(*world.vaults, Vault(name, site, "none", native, keys))), len(world.vaults)


def with_stream(world: World, m: int, stream: Stream) -> World:
    """Return the world with one more stream, of a member."""
    streams = (*world.streams, stream)
    added = on_members([m], lambda member: replace(member, streams=(*member.streams, len(world.streams))))
    return replace(added(world), streams=streams)


def type_of(world: World, member: Member) -> ResourceType:
    """Return the resource type of a member."""
    return world.catalogue.type_of(world.resources[member.resource])
