"""What services keep elsewhere by themselves: which feature is at work, how far back it reaches, how far it lags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from drsim.catalogue import Leaf, ReplicationFeature
from drsim.changes import edits
from drsim.changes.knob import NONE, Knob, Target
from drsim.changes.model import Change, Edit, ScenarioChange, WorldChange, WorldEdit
from drsim.changes.reach import Studied
from drsim.changes.uncertain import SCENARIO, STEPS, End, Input, Label, world_ends
from drsim.distributions import Distribution
from drsim.scenario import Replication, Scenario, Strategy, Subject, nearest, specificity, subjects
from drsim.scenario.selectors import RESOURCE_SPECIFICITY
from drsim.units import format_duration
from drsim.world import World
from drsim.world.model import Member
from drsim.world.streams import Stream


def _kept_elsewhere(strategy: str, resource: str, feature: str, to: str = "") -> Edit:
    """Return the edit of the feature that keeps a resource elsewhere; `NONE` for none.

    Args:
        strategy: its name.
        resource: its name.
        feature: by its name in the catalogue, or `NONE`.
        to: the site that receives the data; empty for features that stay where the resource is.
    """

    def edit(scenario: Scenario) -> Scenario:
        def changed(written: Strategy) -> Strategy:
            uses: dict[str, Replication | None] = dict(written.replication)
            # what is excluded gets nothing from any selector, and a selector of several spares none of them
            if len(written.features) < len(uses) or (feature == NONE and _selects_several(written)):
                uses = {**_by_resource(scenario, written)}
            if feature == NONE:
                uses.pop(resource, None)
            else:
                site = {"to": to} if to else {}
                uses[resource] = Replication.model_validate({"feature": feature, **site})
            return written.model_copy(update={"replication": uses})

        return edits.on_strategy(strategy, changed)(scenario)

    return edit


def _selects_several(strategy: Strategy) -> bool:
    return any(specificity(selector) < RESOURCE_SPECIFICITY for selector in strategy.features)


def _by_resource(scenario: Scenario, strategy: Strategy) -> Mapping[str, Replication]:
    """Return the replication of a strategy with an entry for each resource that has any."""
    selectors = {
        name: nearest(strategy.replication, *subject.selectable)
        for name, subject in subjects(scenario).items()
        if not subject.resource.stateless
    }
    return {name: strategy.features[selector] for name, selector in selectors.items() if selector is not None}


def _retained(strategy: str, selector: str, kept_s: float) -> Edit:
    def changed(written: Strategy) -> Strategy:
        use = written.features[selector].model_copy(update={"retention": kept_s})
        return written.model_copy(update={"replication": {**written.replication, selector: use}})

    return edits.on_strategy(strategy, changed)


def _lagging(kind: str, feature: ReplicationFeature, lag: Distribution) -> WorldEdit:
    """Return the edit of how far a feature of a type lags behind."""

    def of_member(world: World, member: Member) -> Member:
        replicas = (replace(r, lag=lag) if r.name == feature.name else r for r in member.replicas)
        windows = (
            replace(c, log_lag=lag) if world.vaults[c.vault].name == feature.name else c for c in member.continuous
        )
        return replace(member, replicas=tuple(replicas), continuous=tuple(windows))

    def of_stream(world: World, stream: Stream) -> Stream:
        # a service's own snapshots take their lag to become usable
        storage = world.vaults[stream.vault]
        is_of_feature = storage.native and storage.name == feature.name
        return replace(stream, work=replace(stream.work, whole=lag)) if is_of_feature else stream

    def edit(world: World) -> World:
        of_kind = [_type_of(world, member) == kind for member in world.members]
        members = (of_member(world, m) if fits else m for m, fits in zip(world.members, of_kind, strict=True))
        changed = replace(world, members=tuple(members))
        if feature.kind != "snapshots":
            return changed
        return replace(changed, streams=tuple(of_stream(world, s) if of_kind[s.member] else s for s in world.streams))

    return edit


def _promoted_in(kind: str, feature: ReplicationFeature, duration: Distribution) -> WorldEdit:
    """Return the edit of how long a failover to the replicas of a type's feature takes."""

    def of_member(world: World, member: Member) -> Member:
        if _type_of(world, member) != kind:
            return member
        replicas = (replace(r, promote=duration) if r.name == feature.name else r for r in member.replicas)
        return replace(member, replicas=tuple(replicas))

    return lambda world: replace(world, members=tuple(of_member(world, member) for member in world.members))


def _type_of(world: World, member: Member) -> str:
    return world.resources[member.resource].type


FEATURE = ScenarioChange("replication.feature", "replication", "by what a service keeps it elsewhere", _kept_elsewhere)
RETENTION = ScenarioChange("replication.retention", "replication", "how far back a feature reaches", _retained)
LAG = WorldChange("replication.lag", "replication", "how far a feature lags behind", _lagging)
PROMOTION = WorldChange("replication.promotion", "replication", "how long a failover to a replica takes", _promoted_in)

CHANGES: tuple[Change, ...] = (FEATURE, RETENTION, LAG, PROMOTION)


def knobs(scenario: Scenario, strategy: str) -> Iterator[Knob]:
    """Yield the feature of each resource whose type has any."""
    for name, subject in subjects(scenario).items():
        kind = scenario.catalogue.find_type(subject.resource.type)
        if kind is None or subject.resource.stateless or not kind.replication:
            continue
        home = scenario.applications[subject.application].site
        elsewhere = [site for site in scenario.sites if site != home]
        uses = [(NONE, "")]
        for feature in kind.replication.values():
            uses += [(feature.name, "")] if feature.scope != "other-site" else []
            uses += [(feature.name, site) for site in elsewhere if feature.scope != "same-site"]
        present = _present(scenario.strategies[strategy], subject)
        by_words = {_words(*use): use for use in (*uses, present)}

        def edit(
            target: Target, text: str, name: str = name, by_words: Mapping[str, tuple[str, str]] = by_words
        ) -> Edit:
            return FEATURE.edit(target.strategy, name, *by_words[text])

        key, label = f"replication/{name}", "Replication"
        yield Knob(FEATURE, key, (name,), label, _words(*present), tuple(by_words), edit, ordered=False)


def _present(strategy: Strategy, subject: Subject) -> tuple[str, str]:
    """Return the feature that a strategy has for a resource, and the site that it names; empty where it names none."""
    selector = nearest(strategy.replication, *subject.selectable)
    if selector is None:
        return NONE, ""
    use = strategy.features[selector]
    return use.feature, use.to or ""


def _words(feature: str, to: str) -> str:
    return f"{feature} → {to}" if to else feature


_WORDS = {"lag": "lag", "promote": "promotion", "detection": "failover by itself"}


def timing_inputs(of: Studied) -> Iterator[Input]:
    """Yield lags and promotions of the replication features that the strategy uses."""
    named: set[tuple[str, str]] = set()
    for name, subject in of.subjects.items():
        selector = nearest(of.strategy.replication, *subject.selectable)
        if selector is None or name not in of.reach.resources:
            continue
        kind = of.catalogue.type_of(subject.resource)
        feature = kind.replication.get(of.strategy.features[selector].feature)
        if feature is None or (kind.name, feature.name) in named:
            continue
        named.add((kind.name, feature.name))
        yield from _timings(kind.name, feature)


def _timings(kind: str, feature: ReplicationFeature) -> Iterator[Input]:
    for key, words in _WORDS.items():
        leaf: Leaf[Distribution] | None = getattr(feature, key)
        # what fails over by itself has its own time for that, promotion included
        if leaf is None or (key == "promote" and feature.automatic):
            continue
        change = LAG if key == "lag" else PROMOTION

        def put(value: Distribution, change: WorldChange[str, ReplicationFeature, Distribution] = change) -> WorldEdit:
            return change.edit(kind, feature, value)

        low, high = world_ends(leaf.value, put)
        label = Label(words, f"{kind}, {feature.name}")
        yield Input("replication", label, low, high, leaf.basis, leaf.source, parameter=key, change=change)


def window_inputs(of: Studied) -> Iterator[Input]:
    """Yield how far back native features reach, where the strategy says it."""
    for selector, use in of.strategy.features.items():
        if use.retention is not None:
            yield _window(of, selector, Label("retention", f"{selector}, {use.feature}"), use.retention)


def _window(of: Studied, selector: str, label: Label, kept_s: float) -> Input:
    def end(factor: float, word: str) -> End:
        edit = RETENTION.edit(of.world.strategy, selector, kept_s * factor)
        return End(f"{format_duration(kept_s * factor)} ({word})", edit)

    low, high = (end(*step) for step in STEPS)
    return Input("plan", label, low, high, SCENARIO, in_costs=True, change=RETENTION)
