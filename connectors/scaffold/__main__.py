"""`python -m connectors.scaffold NAME`: write a new connector's skeleton into this folder."""

import argparse
import re
import sys
from datetime import UTC
from pathlib import Path

from connectors.contract import machine_time
from connectors.scaffold.skeleton import AlreadyThere, write_skeleton

_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


def main(arguments: list[str] | None = None) -> int:
    """Write the files, and say what comes next. 2 for a name that cannot be one."""
    parser = argparse.ArgumentParser(prog="new-connector", description=__doc__)
    parser.add_argument("name", help="small letters, digits and _, such as acme or toy_shop")
    parser.add_argument("--into", type=Path, default=Path(), help="the folder of the project")
    given = parser.parse_args(arguments)
    if not _KEY.fullmatch(given.name):
        parser.error(f"{given.name!r} is no name: small letters, digits and _, a letter first")
    try:
        written = write_skeleton(
            given.name, into=given.into, today=machine_time().astimezone(UTC).date()
        )
    except AlreadyThere as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in written:
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(
        f"\nNext: pytest tests/connectors/{given.name}\n"
        "Each failing test says what is missing; docs/write-a-connector.md walks through one.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
