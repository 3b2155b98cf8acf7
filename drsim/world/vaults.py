"""The places of recovery points: vaults at sites, what their locks accept, and where the points of a rule go."""

from __future__ import annotations

from dataclasses import dataclass

from drsim.catalogue import ResourceType
from drsim.scenario import Rule, Scenario, Subject
from drsim.scenario.keys import keys_of_backups
from drsim.world.model import Vault

ORDINARY = "Default"
"""The vault that every account has in every Region: where what an air-gapped vault does not take is backed up if the
rule names no other."""


@dataclass(frozen=True)
class Target:
    """Where the points of a rule go.

    Attributes:
        vault: index of the vault that the backup jobs write to.
        moves_to: name of the air-gapped vault to which each point then moves, being temporary; None where it stays.
    """

    vault: int
    moves_to: str | None = None


class Vaults:
    """Numbers vaults as they are asked for; one that names no site is another at each site."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._site_index = {name: i for i, name in enumerate(scenario.sites)}
        self._vaults: list[Vault] = []
        self._index: dict[tuple[str, int, tuple[str, ...]], int] = {}
        for name, vault in scenario.vaults.items():
            if vault.site is not None:
                self.index(name, self._site_index[vault.site])

    @property
    def all(self) -> tuple[Vault, ...]:
        """All vaults so far, native storage included."""
        return tuple(self._vaults)

    def __getitem__(self, vault: int) -> Vault:
        """Return a vault by its index."""
        return self._vaults[vault]

    def index(self, name: str, site: int, keys: tuple[str, ...] | None = None, *, native: bool = False) -> int:
        """Return the index of a vault at a site whose points lie under some keys, the vault's own if left out."""
        written = None if native else self._scenario.vaults.get(name)
        if keys is None:
            keys = () if written is None or written.key is None else (written.key,)
        if (name, site, keys) not in self._index:
            lock = "none" if written is None else written.lock
            self._index[name, site, keys] = len(self._vaults)
            self._vaults.append(Vault(name, site, lock, native, keys))
        return self._index[name, site, keys]

    def site_of(self, name: str, site: int) -> int:
        """Return the index of a vault's site, of one that names none the site given."""
        written = self._scenario.vaults.get(name)
        return site if written is None or written.site is None else self._site_index[written.site]

    def accepts(self, name: str, delete_after_s: float) -> bool:
        """Return whether a vault's lock accepts a retention [s]."""
        written = self._scenario.vaults.get(name)
        if written is None:
            return True
        least_s, most_s = written.retentions(self._scenario.catalogue.rules.air_gapped_minimum.value)
        return least_s <= delete_after_s <= most_s

    def target(self, rule: Rule, kind: ResourceType, subject: Subject, site: int) -> Target:
        """Return where the points of a rule go: an air-gapped vault takes at once what AWS Backup manages fully.

        Other types leave a temporary point in an ordinary vault, which is copied, and types that the vault does not
        take stay there.
        """
        as_of = self._scenario.as_of
        is_managed = kind.can("full-management", as_of) is True
        keys = keys_of_backups(subject, kind, as_of)
        at = self.site_of(rule.target_vault, site)
        isolated, ordinary = rule.target_air_gapped_vault, rule.target_vault
        if isolated is None and self._lock(ordinary) == "air-gapped":
            isolated, ordinary = ordinary, ORDINARY
        if isolated is None or kind.can("air-gapped-vault", as_of) is not True:
            return Target(self.index(ordinary, at, keys))
        if is_managed:
            return Target(self.index(isolated, self.site_of(isolated, at)))
        return Target(self.index(ordinary, at, keys), isolated)

    def _lock(self, name: str) -> str:
        written = self._scenario.vaults.get(name)
        return "none" if written is None else written.lock
