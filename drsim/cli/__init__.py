"""The command line: parse, call one public function, show.

Exit status: 0 done, 1 a bug in drsim, 2 bad input or no room for the output, 3 the answer is no and the user asked to
be told, by `--fail-on` or `--strict`; 129 hung up, 130 stopped by Ctrl-C, 143 terminated, 141 nobody reads the output
any more.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from drsim.cli.data import catalogue
from drsim.cli.drills import explain, lifetime, run
from drsim.cli.ending import Ended, StreamError, closed_stream, ended_by_signals, named_streams
from drsim.cli.files import check, new, schema
from drsim.cli.plan import plan
from drsim.cli.progress import begin
from drsim.cli.report import report
from drsim.cli.sensitivity import sensitivity
from drsim.cli.serve import app
from drsim.cli.shipped import list_scenarios
from drsim.cli.streams import show_anything
from drsim.errors import CatalogueError, DrsimError, InputError
from drsim.version import __version__

EXIT_BUG = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141


@click.group(
    epilog="\b\nExample:\n  drsim new shop && drsim run shop.yaml",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="drsim")
def group() -> None:
    """Simulate disasters: the data loss, downtime and cost of AWS backup strategies, with their certainty."""


for command in (run, plan, report, explain, sensitivity, lifetime, check, list_scenarios, catalogue, schema, new, app):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: the words after `drsim`; those of the process where None.
    """
    if arguments is None:
        begin()
    show_anything()
    if name := closed_stream():
        return _ended(f"error: {name} is closed: drsim writes to it; send it to {os.devnull} instead", EXIT_INPUT)
    with named_streams():
        try:
            with ended_by_signals():
                return _main(arguments)
        except Ended as end:
            status = _ended(str(end), end.status)
            if arguments is None:
                # all is cleared up; nothing that Python does at its own end is waited for
                os._exit(status)
            return status


def _main(arguments: Sequence[str] | None) -> int:
    """Run the command line as `main` does, and tell of what goes wrong."""
    try:
        returned = group.main(args=arguments, prog_name="drsim", standalone_mode=False)
        status = returned if isinstance(returned, int) else 0
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        status = EXIT_INPUT
    except (click.Abort, KeyboardInterrupt):
        status = _ended("stopped", EXIT_INTERRUPTED)
    except SystemExit:
        # the way out that click takes where nobody reads the output any more
        status = EXIT_PIPE
    except InputError as error:
        number = len(error.problems)
        status = _ended(f"{error}\n{number} problem{'s' if number > 1 else ''}", EXIT_INPUT)
    except (DrsimError, OSError) as error:
        status = _refused(error)
    except Exception as error:  # noqa: BLE001  # the last door: whatever it is, it is a bug
        status = _bug(error)
    return status


def _refused(error: DrsimError | OSError) -> int:
    """Print an error that the user can mend, or a bug where it cannot be his, and return the exit status."""
    if isinstance(error, OSError):
        if isinstance(error, StreamError):
            return _ended(f"error: {error.strerror}", EXIT_INPUT)
        # a file that cannot be read or written is the user's; any other failure of the system is not expected
        return _ended(f"error: {error.filename}: {error.strerror}", EXIT_INPUT) if error.filename else _bug(error)
    return _bug(error) if isinstance(error, CatalogueError) else _ended(f"error: {error}", EXIT_INPUT)


def _ended(message: str, status: int) -> int:
    """Print why it ended and return the exit status."""
    # where messages have nowhere to go, this one goes where the answer would have gone
    for is_message in (sys.stderr is not None, False):
        try:
            click.echo(message, err=is_message)
        except BrokenPipeError:
            return EXIT_PIPE
        except OSError:
            continue
        break
    return status


def _places(error: BaseException) -> list[str]:
    """Return what is said of where an error arose, but for tracebacks."""
    return [note for note in getattr(error, "__notes__", ()) if "Traceback" not in note]


def _bug(error: Exception) -> int:
    """Print a short message about a bug, the traceback only where asked for, and return the exit status."""
    trace = "".join(traceback.format_exception(error)) if os.environ.get("DRSIM_DEBUG") else ""
    text = "\n".join((f"This is a bug in drsim {__version__}: {type(error).__name__}: {error}", *_places(error)))
    report = "Please report it to its authors with the command and the scenario, run with DRSIM_DEBUG=1."
    return _ended(f"{trace}{text}\n{report}", EXIT_BUG)
