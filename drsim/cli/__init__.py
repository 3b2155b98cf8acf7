"""The command line: parse, call one public function, show.

Exit status: 0 done, 1 a bug in drsim, 2 bad input, 3 the answer is no and the user asked to be told, by `--fail-on` or
`--strict`; 130 stopped by Ctrl-C, 141 nobody reads the output any more.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence

import click

from drsim.cli.data import catalogue
from drsim.cli.drills import explain, lifetime, run
from drsim.cli.files import check, new, schema
from drsim.cli.report import report
from drsim.cli.sensitivity import sensitivity
from drsim.cli.serve import app
from drsim.cli.shipped import list_scenarios
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


for command in (run, report, explain, sensitivity, lifetime, check, list_scenarios, catalogue, schema, new, app):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: the words after `drsim`; those of the process where None.
    """
    try:
        returned = group.main(args=arguments, prog_name="drsim", standalone_mode=False)
        status = returned if isinstance(returned, int) else 0
    except click.ClickException as error:
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
        # a file that cannot be read or written is the user's; any other failure of the system is not expected
        return _ended(f"error: {error.filename}: {error.strerror}", EXIT_INPUT) if error.filename else _bug(error)
    return _bug(error) if isinstance(error, CatalogueError) else _ended(f"error: {error}", EXIT_INPUT)


def _ended(message: str, status: int) -> int:
    """Print why it ended and return the exit status."""
    click.echo(message, err=True)
    return status


def _bug(error: Exception) -> int:
    """Print a short message about a bug, the traceback only where asked for, and return the exit status."""
    if os.environ.get("DRSIM_DEBUG"):
        traceback.print_exception(error)
    click.echo(f"This is a bug in drsim {__version__}: {type(error).__name__}: {error}", err=True)
    click.echo("Please report it to its authors with the command and the scenario, run with DRSIM_DEBUG=1.", err=True)
    return EXIT_BUG
