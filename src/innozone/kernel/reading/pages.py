"""The text of a PDF page with its ruled tables as lines of cells: what Word would have given.

A PDF knows no tables, only rules and words. Rules that cross are taken for a grid; the words between four of them are a
cell. Words outside of the grids stay as they are printed. A table without rules stays running text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

# Points (1/72 inch). A rule drawn as a thin box has two edges; a grid's rules meet within this distance.
_NEAR = 3.0
_SHORTEST = 6.0
# A drawing, not a table: what has more strokes than this is left alone.
_MOST_STROKES = 4000
_MOST_CROSSINGS = 200_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight stroke along one axis: at `at` on the other, from `low` to `high`."""

    at: float
    low: float
    high: float


@dataclass(slots=True)
class Grid:
    """Rules that cross: `across` horizontal ones, `down` vertical ones."""

    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)

    @property
    def rows(self) -> list[float]:
        """Heights of the row borders, highest first."""
        return _merged([rule.at for rule in self.across])[::-1]

    @property
    def columns(self) -> list[float]:
        return _merged([rule.at for rule in self.down])


def page_text(page: Any, text_page: Any) -> str:
    """The words of a pypdfium2 page from top to bottom; a row of a ruled table is one line, its cells parted by tabs."""
    grids = sorted(_grids(page), key=lambda grid: -grid.rows[0])
    kept: list[Grid] = []
    for grid in grids:
        if not kept or grid.rows[0] < kept[-1].rows[-1]:  # tables side by side are left as running text
            kept.append(grid)
    parts, top = [], page.get_height()
    for grid in kept:
        lines = list(_lines(grid, text_page))
        if not lines:
            continue
        parts.append(_within(text_page, 0, grid.rows[0], page.get_width(), top))
        parts.append("\n".join(lines))
        top = grid.rows[-1]
    if not parts:
        return str(text_page.get_text_bounded())
    parts.append(_within(text_page, 0, 0, page.get_width(), top))
    return "\n".join(part for part in parts if part.strip())


def _within(text_page: Any, left: float, bottom: float, right: float, top: float) -> str:
    return str(text_page.get_text_bounded(left=left, bottom=bottom, right=right, top=top))


def _lines(grid: Grid, text_page: Any) -> Iterator[str]:
    """A line for each row. Nothing where most of the cells are empty or stand alone: a form's frame, not a table."""
    rows, columns = grid.rows, grid.columns
    found: list[list[str]] = []
    for top, bottom in pairwise(rows):
        middle = (top + bottom) / 2
        # A border that does not reach this row joins the cells on its sides.
        borders = [
            x for x in columns if any(abs(r.at - x) < _NEAR and r.low < middle < r.high for r in grid.down)
        ] or columns
        cells = []
        for left, right in pairwise(borders):
            high, low = _span(grid, rows, (left + right) / 2, top, bottom)
            words = _within(text_page, left + 0.5, low + 0.5, right - 0.5, high - 0.5)
            cells.append("".join(line.strip() for line in words.replace("\ufffe", "").splitlines()).replace("\t", " "))
        found.append(cells)
    filled = sum(bool(cell) for cells in found for cell in cells)
    several = sum(len(cells) > 1 for cells in found)
    if several < 2 or filled * 2 < sum(map(len, found)):
        return
    for cells in found:
        yield "\t".join(cell or "\u3000" for cell in cells)


def _span(grid: Grid, rows: list[float], x: float, top: float, bottom: float) -> tuple[float, float]:
    """How far the cell at `x` reaches over the rows: up and down to the next rule that covers it."""

    def closed(y: float) -> bool:
        return any(abs(rule.at - y) < _NEAR and rule.low - _NEAR < x < rule.high + _NEAR for rule in grid.across)

    high = next((y for y in reversed(rows[: rows.index(top) + 1]) if closed(y)), top)
    low = next((y for y in rows[rows.index(bottom) :] if closed(y)), bottom)
    return high, low


def _grids(page: Any) -> list[Grid]:
    """Rules that cross each other, group by group; at least two rows and two columns."""
    across, down = _rules(page)
    grids: list[Grid] = []
    for rule in sorted(across, key=lambda rule: -rule.at):
        crossing = [other for other in down if _cross(rule, other)]
        touched = [grid for grid in grids if any(other in grid.down for other in crossing)]
        home = touched[0] if touched else Grid()
        for grid in touched[1:]:
            home.across += grid.across
            home.down += [other for other in grid.down if other not in home.down]
            grids.remove(grid)
        home.across.append(rule)
        home.down += [other for other in crossing if other not in home.down]
        if not touched:
            grids.append(home)
    return [grid for grid in grids if len(grid.rows) > 2 and len(grid.columns) > 2]


def _cross(across: Rule, down: Rule) -> bool:
    return across.low - _NEAR <= down.at <= across.high + _NEAR and down.low - _NEAR <= across.at <= down.high + _NEAR


def _rules(page: Any) -> tuple[list[Rule], list[Rule]]:
    """Horizontal and vertical strokes, pieces on one line joined."""
    across: list[Rule] = []
    down: list[Rule] = []
    for number, (one, two) in enumerate(_strokes(page)):
        if number > _MOST_STROKES:
            return [], []
        (x, y), (u, v) = one, two
        if abs(y - v) < 1 and abs(x - u) >= _SHORTEST:
            across.append(Rule((y + v) / 2, min(x, u), max(x, u)))
        elif abs(x - u) < 1 and abs(y - v) >= _SHORTEST:
            down.append(Rule((x + u) / 2, min(y, v), max(y, v)))
    across, down = _joined(across), _joined(down)
    return (across, down) if len(across) * len(down) <= _MOST_CROSSINGS else ([], [])


def _strokes(page: Any) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    import pypdfium2.raw as raw

    # Only what lies on the page itself: the strokes of an embedded form have another origin.
    for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        matrix = path.get_matrix()
        start = last = (0.0, 0.0)
        for index in range(raw.FPDFPath_CountSegments(path.raw)):
            segment = raw.FPDFPath_GetPathSegment(path.raw, index)
            x, y = ctypes.c_float(), ctypes.c_float()
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            point = matrix.on_point(x.value, y.value)
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == raw.FPDF_SEGMENT_LINETO:
                yield last, point
            if raw.FPDFPathSegment_GetClose(segment):
                yield point, start
            last = point


def _joined(rules: list[Rule]) -> list[Rule]:
    """Borders of single cells become the rules that they are parts of."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at / _NEAR), rule.low)):
        last = joined[-1] if joined else None
        if last and abs(last.at - rule.at) < _NEAR and rule.low <= last.high + _NEAR:
            joined[-1] = Rule(last.at, last.low, max(last.high, rule.high))
        else:
            joined.append(rule)
    return joined


def _merged(values: list[float]) -> list[float]:
    """Sorted, with what lies within the width of a rule taken as one."""
    merged: list[float] = []
    for value in sorted(values):
        if not merged or value - merged[-1] >= _NEAR:
            merged.append(value)
    return merged
