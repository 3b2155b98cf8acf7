"""`python -m drsim` does what `drsim` does."""

import sys

from drsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
