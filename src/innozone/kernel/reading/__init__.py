"""Reading: Chinese policy texts to conditions and promises, each tied to the words it came from.

    read_file(path, limit=…) -> Reading          docx, pdf, html, txt; ReadingError(reason, place, problem, cure)
    read_bytes(data, name, limit=…) -> Reading   the same of content that is at hand
    read_text(text, title=None) -> Reading       any text can be read; spans are offsets into it
    Reading.items: conditions, benefits, manual (open points), papers, last day, office, gist, tags
    Reading.to_gold() -> dict                    the format of the gold annotations, for JSON
    draft_policy(reading, dictionary) -> dict    the shape of a pack's policies/*.yaml, for a person to confirm
    conditions_in(words, dictionary) -> list     leaves that a few words say, for the workbench
    command.main(argv) -> int                    `innozone policies read FILE… [--out DIR]`

How: load → document (clauses, roles) → fold (one width, offsets kept) → sentences → payments (what is promised) and
understand (what is asked: numeric, claims, honours, places, subjects, doings) → grouping (all, any, tiers) → items.
"""

from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.fragment import conditions_in
from innozone.kernel.reading.model import Benefit, Condition, Group, Item, Manual, Reading
from innozone.kernel.reading.reader import read_bytes, read_file, read_text

__all__ = [
    "Benefit",
    "Condition",
    "Group",
    "Item",
    "Manual",
    "Reading",
    "ReadingError",
    "conditions_in",
    "draft_policy",
    "read_bytes",
    "read_file",
    "read_text",
]
