"""The page of the rooms is that of the tree."""

from __future__ import annotations

from benchmarks import rooms


def test_the_table_of_rooms_is_that_of_the_tree() -> None:
    """Each package has a row with the first line of what it says of itself; `make docs-pictures` writes it anew."""
    page = rooms.PAGE.read_text(encoding="utf-8")
    stands = [row.split(" | ")[:2] for row in page.splitlines() if row.startswith("| `drsim")]
    assert stands == [row.split(" | ")[:2] for row in rooms.table().splitlines()[2:]]


def test_the_picture_shows_every_room() -> None:
    """The picture has the rooms of the tree, and each that imports at all leads down to what all use."""
    picture = rooms.PICTURE.read_text(encoding="utf-8")
    direct = rooms.imports()
    for room in rooms.ROOMS:
        assert room == "engine.*" or f">{room.replace('.', ' / ')}<" in picture
        assert direct[room]
