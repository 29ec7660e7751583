"""Reading: Chinese policy texts to conditions and promises, each tied to the words it came from."""

from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.model import Benefit, Condition, Group, Item, Manual, Reading
from innozone.kernel.reading.reader import read_file, read_text

__all__ = [
    "Benefit",
    "Condition",
    "Group",
    "Item",
    "Manual",
    "Reading",
    "ReadingError",
    "draft_policy",
    "read_file",
    "read_text",
]
