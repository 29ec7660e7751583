"""`python -m innozone.kernel.packs check xixian`: say what is wrong with a pack."""

from __future__ import annotations

import sys
from pathlib import Path

from innozone.kernel.packs.check import check_pack
from innozone.kernel.packs.loader import load_pack


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "check":
        print("usage: python -m innozone.kernel.packs check NAME-OR-FOLDER", file=sys.stderr)
        return 2
    name = Path(arguments[1]) if Path(arguments[1]).is_dir() else arguments[1]
    problems = check_pack(name)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s)", file=sys.stderr)
        return 1
    pack = load_pack(name)
    for warning in pack.warnings:
        print(f"warning: {warning}")
    items = [item for policy in pack.policies.values() for item in policy.items]
    print(
        f"{pack.code} is sound: {len(pack.dictionary.variables)} variables, {len(pack.codelists)} code lists, "
        f"{len(pack.datasets)} datasets, {len(pack.policies)} policies with {len(items)} items and "
        f"{sum(len(item.cases) for item in items)} golden cases"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
