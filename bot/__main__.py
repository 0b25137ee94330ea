"""`python -m eyeline.bot`, and the `eyeline` script."""

from __future__ import annotations

import sys

from eyeline.bot.cli.app import run


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
