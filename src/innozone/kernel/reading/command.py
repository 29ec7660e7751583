"""`innozone policies read FILE… [--out DIR]`: policy texts to the gold format, as JSON; `evaluate DIR`: how well."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.evaluate import evaluate as measure
from innozone.kernel.reading.evaluate import shown
from innozone.kernel.reading.load import DEFAULT_LIMIT
from innozone.kernel.reading.model import Reading
from innozone.kernel.reading.reader import read_file


def main(argv: Sequence[str] | None = None) -> int:
    """Read the files and print them as JSON (several: as a list), or write DIR/NAME.json. 1 if any could not be read."""
    parser = argparse.ArgumentParser(
        prog="innozone policies read", description="Read policy texts into conditions and promises."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="docx, pdf, html or txt")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write DIR/NAME.json instead of printing")
    parser.add_argument(
        "--limit",
        type=float,
        default=DEFAULT_LIMIT / 1048576,
        metavar="MB",
        help="largest file (default: %(default)g MB)",
    )
    options = parser.parse_args(argv)
    printed: list[dict[str, object]] = []
    failed = 0
    written: set[str] = set()
    for path in options.files:
        try:
            reading = read_file(path, limit=int(options.limit * 1048576))
            if options.out is None:
                printed.append(reading.to_gold())
            else:
                target = _write(reading, options.out, written)
                print(f"{path} → {target}: {len(reading.items)} items", file=sys.stderr)
        except ReadingError as error:
            print(error, file=sys.stderr)
            failed += 1
        except OSError as error:
            print(
                f"{options.out}: The result cannot be written ({error.strerror}). Choose another folder.",
                file=sys.stderr,
            )
            failed += 1
    if options.out is None and printed:
        print(json.dumps(printed[0] if len(options.files) == 1 else printed, ensure_ascii=False, indent=1))
    return 1 if failed else 0


def evaluate(folder: Path, *, worst: int = 0, as_json: bool = False) -> int:
    """Prints how well the annotated texts of the folder are read. 1 where there is none, or one cannot be read."""
    try:
        scores = measure(folder)
    except ReadingError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as error:
        print(f"{folder}: the annotations cannot be read ({error})", file=sys.stderr)
        return 1
    if not scores.rows:
        print(f"{folder}: no NAME.gold.json beside a NAME.txt; give the folder of annotated texts", file=sys.stderr)
        return 1
    print(json.dumps(scores.to_data(), ensure_ascii=False, indent=1) if as_json else shown(scores, worst))
    return 0


def _write(reading: Reading, folder: Path, written: set[str]) -> Path:
    """Write beside and rename, so that nobody ever sees half a file; two files of one name get two results."""
    folder.mkdir(parents=True, exist_ok=True)
    name, number = reading.name, 1
    while name in written:
        number += 1
        name = f"{reading.name}-{number}"
    written.add(name)
    target = folder / f"{name}.json"
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        part.write_text(json.dumps(reading.to_gold(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
