"""Vaults and sites that plan documents mean: those of the scenario, and those that are declared for it.

A vault's name alone means one at the site of each resource, an ARN one in its Region and account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain, count

from drsim.catalogue import Catalogue
from drsim.errors import Problem
from drsim.scenario.document_arns import ARN, arn_parts, home_arn
from drsim.scenario.document_fields import value_shown, written
from drsim.scenario.document_json import invalid
from drsim.scenario.edit import free_name
from drsim.scenario.names import LONGEST_NAME, NOT_IN_NAMES
from drsim.scenario.nodes import Node
from drsim.scenario.regions import unknown_words

_KINDS = {"none": "an unlocked vault", "air-gapped": "an air-gapped vault"}
"""Vaults that a document may mean, by lock, in words."""

Entries = dict[str, tuple[int, Node]]
"""Keys of a mapping to the line of each and its value."""


@dataclass
class DocumentVaults:
    """Finds the vaults that plan documents mean, and declares those that the scenario does not.

    Attributes:
        root: nodes of the scenario.
        catalogue: with the Regions.
        problems: what is wrong with the documents, added to.
        notes: what was assumed, added to.
        sites: those of the scenario, and those declared for documents.
        vaults: likewise.
    """

    root: Node
    catalogue: Catalogue
    problems: list[Problem]
    notes: list[Problem]
    sites: Entries = field(default_factory=dict)
    vaults: Entries = field(default_factory=dict)
    _region: str = ""
    _account: str | None = None

    def assume(self, name: Node, lock: str = "none") -> None:
        """Declare a vault known by its name alone, unless the scenario does."""
        key = str(name.scalar)
        if key not in self.vaults:
            entries = {} if lock == "none" else {"lock": replace(name, scalar=lock)}
            self.vaults[key] = (name.line, _mapping(name, **entries))
            self._note(name, key, f"{_KINDS[lock]} at the site of each resource")

    def air_gapped(self, arn: Node) -> Node | None:
        """Return the name of an air-gapped primary target, which has to lie in the account and Region of the resources.

        It does where it is that of the document's own plan, and where nothing tells the accounts apart; a check refuses
        it elsewhere.
        """
        match = ARN.match(str(arn.scalar))
        if match is None:
            return self.named_by(arn, lock="air-gapped")
        region, account = match[2], match[3]
        here = self._may_be_home(region, account)
        elsewhere = (region, account) != (self._region, self._account) if self._region else not here
        told = any(text_of(site, "account_id") == account for _, site in self.sites.values())
        if elsewhere or (here and (told or self._account_name(account))):
            return self.named_by(arn, lock="air-gapped")
        # nothing says which of the estate's accounts has that number
        name = replace(arn, scalar=match[5])
        self.assume(name, lock="air-gapped")
        return name

    def named_by(self, arn: Node, lock: str = "none") -> Node | None:
        """Return the name of the vault that an ARN means, declared if the scenario does not; None if it is no ARN."""
        match = ARN.match(str(arn.scalar))
        if not match or match[4] != "backup-vault":
            problem = invalid(arn.file, arn.line, f"{value_shown(arn)} is no ARN of a backup vault")
            rule = "copy actions and air-gapped targets name their vault by ARN"
            repair = f"write `{written('DestinationBackupVaultArn')}`, for instance"
            self.problems.append(replace(problem, rule=rule, repair=repair))
            return None
        if not self._is_region(arn, match):
            return None
        region, account, name = match[2], match[3], match[5]
        longer = f"{name}-{region}-{account}".replace("/", "-")[-50:]
        keys = chain((name, longer), (f"{longer[:44]}-{k}" for k in count(2)))
        fits = (key for key in keys if key not in self.vaults or self._lies_in(key, region, account))
        key = next(fits)
        if key not in self.vaults:
            site = self._site_of(arn, region, account)
            entries = {"site": replace(arn, scalar=site), "lock": replace(arn, scalar=lock)}
            self.vaults[key] = (arn.line, _mapping(arn, **entries))
            self._note(arn, key, f"{_KINDS[lock]} at the site `{site}` ({region}, account {account})")
        return replace(arn, scalar=key)

    def _is_region(self, arn: Node, match: re.Match[str]) -> bool:
        """Return whether an ARN names a Region that exists, in its partition; say so if it does not."""
        partition, region = match[1], match[2]
        known = self.catalogue.regions.get(region)
        if known is None:
            admitted = {text_of(site, "region") for _, site in self.sites.values() if text_of(site, "region_like")}
            if region not in admitted:
                found, rule, repair = unknown_words(self.catalogue.regions, region, key="ARN")
                self.problems.append(Problem(arn.file, arn.line, "unknown-region", found, rule, repair))
                return False
        elif known.partition != partition:
            found = f"the ARN names the partition {partition}, and {region} lies in {known.partition}"
            repair = f"write `arn:{known.partition}:{str(arn.scalar).split(':', 2)[-1]}`"
            rule = "an ARN begins with the partition of its Region"
            self.problems.append(Problem(arn.file, arn.line, "unknown-region", found, rule, repair))
            return False
        return True

    def enter(self, document: Node, rules: list[Node]) -> None:
        """Take a plan as the one whose vaults are asked for; warn where it is from elsewhere than the estate.

        The plan's own ARN tells its Region and account, and so does that of an air-gapped target, which lies beside
        what is backed up.
        """
        self._region, self._account = "", None
        told = home_arn(document, rules)
        if told is not None:
            arn, match = told
            # that of a vault is checked where the vault is read
            if match[4] == "backup-vault" or self._is_region(arn, match):
                self._compare_home(arn, match[2], match[3])
            self._account = match[3]
        plan = document.get("BackupPlanArn")
        self._region = "" if plan is None else (arn_parts(plan) or ("", "", ""))[0]

    def is_target(self, arn: Node, rule: Node) -> bool:
        """Tell whether an ARN means the vault that a rule's own points go to."""
        return arn_parts(arn) == (self._region, self._account, text_of(rule, "TargetBackupVaultName"))

    def _compare_home(self, arn: Node, region: str, account: str) -> None:
        """Warn where no application runs in the Region and account that a plan is from."""
        homes = [(name, self.sites[name][1]) for name in self._home_names()]
        numbers = {name: _number(site) for name, site in homes}
        elsewhere = [name for name, site in homes if text_of(site, "region") != region]
        others = [name for name, _ in homes if numbers[name] not in ("", account)]
        if not homes or any(name not in elsewhere and name not in others for name, _ in homes):
            return
        name, site = homes[0]
        number = f", account {numbers[name]}" if numbers[name] else ""
        found = f"the plan is from {region}, account {account}, and `{name}` is in {text_of(site, 'region')}{number}"
        rule = (
            "a plan backs up what lies in its own Region and account; here it is taken to back up what lies elsewhere"
        )
        # an account that is called by its number is called by the right one then
        called = account if text_of(site, "account") == numbers[name] else text_of(site, "account")
        right = f"`{name}: {{region: {region}, account: {called}, account_id: {account}}}`"
        repair = f"write {right} under `sites` in the scenario if the applications run there, or use a plan from here"
        self.notes.append(Problem(arn.file, arn.line, "plan-from-elsewhere", found, rule, repair))

    def _lies_in(self, vault: str, region: str, account: str) -> bool:
        """Tell whether a declared vault may be the one of an ARN: its Region fits, and its account if that is known."""
        named = text_of(self.vaults[vault][1], "site")
        if not named:  # it lies with each resource
            # a document that does not tell its account has that of the resources
            numbers = (
                {self._account} if self._account is not None else {text_of(s, "account_id") for s in self._homes()}
            )
            return numbers == {account} and {text_of(site, "region") for site in self._homes()} == {region}
        site = self.sites.get(named)
        if site is None:
            return False
        number = _number(site[1])
        own_name = self._account_name(self._account) if number == "" else ""
        if own_name and (text_of(site[1], "account") == own_name) != (account == self._account):
            return False
        return text_of(site[1], "region") == region and number in ("", account)

    def _site_of(self, arn: Node, region: str, account: str) -> str:
        """Return the site with a Region and an account number, declared if the scenario does not."""
        names = {text_of(s, "account") for _, s in self.sites.values() if _number(s) == account}
        own_name = self._account_name(self._account) if account == self._account else ""
        name = min(names) if names else own_name or account
        for key, (_, site) in self.sites.items():
            if text_of(site, "region") == region and text_of(site, "account") == name:
                return key
        # the name of an account may hold what no name of a site does
        key = free_name(re.sub(f"[{NOT_IN_NAMES}]", "-", f"{region}-{name}"), self.sites, LONGEST_NAME)
        values = {"region": region, "account": name, "account_id": account}
        self.sites[key] = (arn.line, _mapping(arn, **{k: replace(arn, scalar=v) for k, v in values.items()}))
        return key

    def _account_name(self, number: str | None) -> str:
        """Return the account in which all applications run, if it is one and may have the plan's number; else ''."""
        if number is None:
            return ""
        sites = self._homes()
        names = {text_of(site, "account") for site in sites}
        numbers = {_number(site) for site in sites}
        return min(names) if len(names) == 1 and numbers <= {"", number} else ""

    def _may_be_home(self, region: str, account: str) -> bool:
        """Tell whether an application may run in a Region and account; an account without its number may be any."""
        numbers = {text_of(site, "account_id") for site in self._homes() if text_of(site, "region") == region}
        return bool(numbers & {"", account})

    def _homes(self) -> list[Node]:
        """Return the sites at which applications run."""
        return [self.sites[home][1] for home in self._home_names()]

    def _home_names(self) -> list[str]:
        """Return the names of the sites at which applications run, in the order written."""
        applications = (self.root.get("applications") or self.root).entries or {}
        homes = dict.fromkeys(text_of(app, "site") for _, app in applications.values())
        return [home for home in homes if home in self.sites]

    def _note(self, node: Node, vault: str, what: str) -> None:
        found = f"the vault `{vault}` is not declared in `vaults`"
        repair = (
            f"write `{vault}` under `vaults` in the scenario, with its lock, to say otherwise; `account_id` of a site "
            "there tells accounts apart"
        )
        self.notes.append(Problem(node.file, node.line, "plan-vault-assumed", found, f"it is taken as {what}", repair))


def _number(site: Node) -> str:
    """Return the number of a site's account, which may be its name; '' where it is not told."""
    name = text_of(site, "account")
    return text_of(site, "account_id") or (name if len(name) == 12 and name.isdigit() else "")


def text_of(node: Node, key: str) -> str:
    """Return what a key of a mapping says, as text; '' where it says nothing."""
    value = node.get(key)
    return "" if value is None or value.scalar is None else str(value.scalar)


def _mapping(where: Node, **values: Node) -> Node:
    return Node(where.file, where.line, entries={key: (where.line, value) for key, value in values.items()})
