"""A saved result is one whole, at whichever moment its process ends."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from pyarrow import parquet

from drsim.errors import InputError, WriteError
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped
from drsim.study import drafts, incidents
from drsim.study.drafts import Draft, clear, new_file
from drsim.study.drills import run
from drsim.study.results import OUTPUTS, Result


def result(drills: int, out: Path | None = None) -> Result:
    """Return a small result."""
    return run(load_scenario(shipped("scenarios/periodic.yaml")), drills=drills, out=out, workers=1)


def drills_of(folder: Path) -> int:
    """Return the drills of a saved result, all of whose files are there."""
    assert set(OUTPUTS) <= {path.name for path in folder.iterdir()}
    drills: int = json.loads((folder / "run.json").read_text(encoding="utf-8"))["drills"]
    assert parquet.read_table(folder / "incidents.parquet")["drill"].to_numpy().max() == drills - 1
    return drills


def refused(folder: Path) -> str:
    """Return why a result is not saved to a folder."""
    with pytest.raises(InputError) as error:
        result(3, folder)
    return str(error.value)


def dying(functions: dict[str, Callable[..., Any]], moment: int, save: Callable[[], None]) -> bool:
    """Whether a process that saves something is gone at the `moment`-th call of some functions of `drafts`."""

    def until_moment() -> None:
        calls = 0

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def called(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
                nonlocal calls
                calls += 1
                if calls == moment:
                    os._exit(9)  # as a kill does: nothing is cleared up
                return function(*arguments, **named)

            return called

        for name, function in functions.items():
            setattr(drafts, name, counted(function))
        Path.rename = counted(Path.rename)  # type: ignore[method-assign]
        save()

    process = multiprocessing.get_context("fork").Process(target=until_moment)
    process.start()
    process.join()
    assert process.exitcode in (0, 9)
    return process.exitcode == 9


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="a process is copied")
@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_kill_leaves_the_old_or_the_new(tmp_path: Path, can_exchange: bool) -> None:  # noqa: FBT001
    """Gone at any step of putting a result into its place, a process leaves a whole one, or one that is put back."""
    out = tmp_path / "out"
    new = result(4, tmp_path / "new")
    functions: dict[str, Callable[..., Any]] = {
        "_settle": drafts._settle,
        "_exchanged": drafts._exchanged if can_exchange else lambda *_: False,
        "rmtree": rmtree,
    }
    moment, seen = 0, set[int]()
    is_gone = True
    while is_gone:
        moment += 1
        result(3, out)
        (out / "notes.txt").write_text("mine", encoding="utf-8")
        is_gone = dying(functions, moment, lambda: new.save(out))
        if can_exchange:
            assert drills_of(out) in (3, 4)
        clear(tmp_path)
        seen.add(drills_of(out))
        assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]
    assert seen == {3, 4}
    assert moment > 10


def test_what_was_moved_away_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where folders cannot be exchanged, and the new one cannot take the place, the old one is there again."""
    out, rename = tmp_path / "out", Path.rename
    result(3, out)

    def refuse(path: Path, place: Path) -> Path:
        if path.name == "result":
            raise OSError(errno.EACCES, "Permission denied")
        return rename(path, place)

    monkeypatch.setattr(drafts, "_exchanged", lambda *_: False)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(WriteError, match="Permission denied"):
        result(4, out)
    assert drills_of(out) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_drafts_of_the_living_stay(tmp_path: Path) -> None:
    """Who makes a draft clears those of processes that are no more, and no other folder."""
    (tmp_path / ".drsim-of-somebody").mkdir()
    (tmp_path / ".drsim-of-somebody" / "notes.txt").touch()
    (tmp_path / ".drsim-hardly-begun").mkdir()
    (tmp_path / ".drsim-left").mkdir()
    for name in ("lock", "big"):
        (tmp_path / ".drsim-left" / name).touch()
    (tmp_path / ".drsim-link").symlink_to(tmp_path / ".drsim-of-somebody")
    with Draft(tmp_path) as living:
        assert {path.name for path in tmp_path.iterdir()} == {".drsim-of-somebody", ".drsim-link", living.path.name}
        with Draft(tmp_path):
            assert living.path.exists()
        assert (living.path / "lock").exists()
    assert not living.path.exists()


def test_a_draft_is_cleared_or_used_not_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has made a draft and not locked it yet never gets the lock of one that another is about to take away."""
    left = tmp_path / ".drsim-left"
    left.mkdir()
    usable = []
    with (left / "lock").open("wb") as lock:

        def removed(path: Path, **_: object) -> None:
            usable.append(drafts._lock(lock) and (left / "lock").exists())
            rmtree(path)

        monkeypatch.setattr(drafts, "rmtree", removed)
        clear(tmp_path)
    assert usable == [False]
    assert not left.exists()


def test_a_folder_of_another_origin_is_refused(tmp_path: Path) -> None:
    """What is not drsim's own is never replaced; the repair that is offered works."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    result(3, foreign)  # an empty one is nobody's
    assert drills_of(foreign) == 3
    (foreign / "run.json").unlink()
    assert "summary.csv: a file of another origin" in refused(foreign)
    for path in foreign.iterdir():
        path.unlink()
    (foreign / "notes.txt").touch()
    assert "with notes.txt: drsim replaces only what it has written itself" in refused(foreign)
    assert f"--out {foreign / 'result'}" in refused(foreign)
    result(3, foreign / "result")
    assert drills_of(foreign / "result") == 3


def test_a_folder_that_cannot_be_moved_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder and a mount point are not exchanged; a folder in them is."""
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    assert "the current directory" in refused(Path())
    result(3, Path("result"))
    assert drills_of(out / "result") == 3
    monkeypatch.chdir("/")
    monkeypatch.setattr(Path, "is_mount", lambda path: path == out)
    (out / "result").rename(tmp_path / "elsewhere")
    assert "a mount point" in refused(out)


def test_a_folder_in_which_another_run_writes_is_refused(tmp_path: Path) -> None:
    """It would take the other one's draft away."""
    out = tmp_path / "out"
    result(3, out)
    with Draft(out):
        assert "another drsim writes a result in it" in refused(out)
    result(4, out)
    assert drills_of(out) == 4


def test_what_lies_beside_a_result_stays(tmp_path: Path) -> None:
    """Other files, folders and links of an earlier result's folder are in the new one; so are its permissions."""
    out = tmp_path / "out"
    result(3, out)
    (out / "mine").mkdir()
    (out / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "link").symlink_to("mine/notes.txt")
    out.chmod(0o750)
    result(4, out)
    assert drills_of(out) == 4
    assert (out / "link").read_text(encoding="utf-8") == "mine"
    assert (out / "link").is_symlink()
    assert out.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link leads to is replaced."""
    (tmp_path / "link").symlink_to(tmp_path / "out")
    for drills in (3, 4):
        result(drills, tmp_path / "link")
        assert drills_of(tmp_path / "out") == drills
    assert (tmp_path / "link").is_symlink()


def test_what_cannot_be_taken_along_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than lose it, the earlier result stays."""
    out = tmp_path / "out"
    result(3, out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    assert "notes.txt: it is no part of the earlier result" in refused(out)
    assert drills_of(out) == 3


def test_no_room_for_temporary_files_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Very many incidents go to a temporary file; where it has no room the message says how to have some."""
    monkeypatch.setattr(incidents, "_MOST_KEPT_ROWS", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file")

    monkeypatch.setattr(parquet.ParquetWriter, "write_table", refuse)
    with pytest.raises(WriteError, match=rf"{tmp_path}: cannot be written: No space left on device; .*set TMPDIR"):
        result(3)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(WriteError, match="temporary files: cannot be written: No such file or directory"):
        result(3)


def test_a_new_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be written to its end nothing is left, and what is there is not touched."""
    path = tmp_path / "new.yaml"

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse)
        with pytest.raises(WriteError, match="No space left"):
            new_file(path, "text")
    assert not path.exists()
    new_file(path, "text")
    with pytest.raises(FileExistsError):
        new_file(path, "other")
    assert path.read_text(encoding="utf-8") == "text"
