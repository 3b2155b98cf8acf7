"""Every value of the catalogue has a source that exists, and every source a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drsim.catalogue import BASES, Catalogue, check_catalogue, load_catalogue
from drsim.catalogue.store import DATA

OWNER = re.compile(r"(AWS|Amazon Web Services)\b")
"""How the publisher begins of a document of AWS, the owner of every fact of the catalogue."""


def test_every_value_has_a_source_that_exists() -> None:
    """A value names sources of the list; an estimate may name none but carries its reasoning."""
    catalogue = load_catalogue()
    for place, leaf in catalogue.leaves():
        assert leaf.basis in BASES, place
        assert set(leaf.source) <= set(catalogue.sources), place
        assert leaf.source or leaf.basis == "estimated", place
        assert leaf.note or leaf.basis != "estimated", place


def test_every_source_is_used() -> None:
    """No source stands in the list for nothing."""
    catalogue = load_catalogue()
    assert set(catalogue.sources) == {key for _, leaf in catalogue.leaves() for key in leaf.source}


def test_every_source_is_named_and_linked() -> None:
    """A source, of values as of prices, has an address of its own document, and nobody stands behind it unnamed."""
    catalogue = load_catalogue()
    sources = [*catalogue.sources.values(), *catalogue.prices().sources.values()]
    assert [source.key for source in sources if not source.url] == []
    unnamed = re.compile(r"\ban? (public|user|practitioner)|\b(several|various|and others|surveys of)\b", re.IGNORECASE)
    assert [source.key for source in sources if unnamed.search(f"{source.title}; {source.publisher}")] == []


def test_a_price_that_is_no_estimate_names_a_source() -> None:
    """Every source of the price list is used; what has none is an estimate with its reasoning."""
    prices = load_catalogue().prices()
    leaves = [
        leaf
        for item in prices.data.items.values()
        for row in item.rows.values()
        for leaf in (row.values() if isinstance(row, dict) else ())
    ]
    assert all(leaf.source or leaf.basis in (None, "estimated") for leaf in leaves)
    used = {key for leaf in leaves for key in leaf.source}
    used |= {key for mirror in prices.data.mirrors.values() for key in mirror.source}
    used |= {key for rule in prices.data.billing.values() for key in rule.source}
    assert set(prices.sources) == used


def documented_publishers(catalogue: Catalogue) -> Iterator[tuple[str, set[str]]]:
    """Yield the place of every value, price and rule of billing that is documented, with who published its sources."""
    for place, leaf in catalogue.leaves():
        if leaf.basis == "documented":
            yield place, {catalogue.sources[key].publisher for key in leaf.source}
    prices = catalogue.prices()
    sources = {
        f"prices.{item}.{subject}.{place}": leaf.source
        for item, listed in prices.data.items.items()
        for subject, row in listed.rows.items()
        for place, leaf in (row.items() if isinstance(row, dict) else ())
        if leaf.basis == "documented"
    }
    sources |= {f"billing.{t}": r.source for t, r in prices.data.billing.items() if r.basis == "documented"}
    sources |= {f"mirrors.{region}": m.source for region, m in prices.data.mirrors.items() if m.basis == "documented"}
    for place, keys in sources.items():
        yield place, {prices.sources[key].publisher for key in keys}


def test_what_is_documented_was_read_in_a_document_of_its_owner() -> None:
    """What only others say that they took from AWS is second-hand, be it with the row and SKU of its price list."""
    published = dict(documented_publishers(load_catalogue()))
    assert {"prices.cold-storage.EBS.us-east-1", "billing.S3"} <= set(published)
    assert {place: names for place, names in published.items() if not any(map(OWNER.match, names))} == {}


def test_the_factor_of_air_gapped_vaults_is_derived() -> None:
    """It is taken for every type from the few whose two prices are known."""
    assert load_catalogue().prices().air_gapped_factor.basis == "derived"


def test_nothing_is_from_memory() -> None:
    """No value, note or source claims to be remembered."""
    for path in [*DATA.glob("*.yaml"), *DATA.glob("types/*.yaml")]:
        # MemoryDB is a service's name
        assert "memory" not in path.read_text(encoding="utf-8").lower().replace("memorydb", ""), path.name


def test_every_file_is_of_the_catalogue() -> None:
    """Each file of data/types belongs to one type of the index."""
    files = {path.stem for path in DATA.glob("types/*.yaml")}
    assert len(files) == len(load_catalogue().types)
    check_catalogue(load_catalogue())


def test_every_file_states_its_grammar() -> None:
    """A file begins with a comment that explains its keys."""
    for path in [*DATA.glob("*.yaml"), *DATA.glob("types/*.yaml")]:
        head = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
        assert sum(line.startswith("#") for line in head) >= 3, path.name
