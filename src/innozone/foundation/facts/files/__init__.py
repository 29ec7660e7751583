"""Reading delivered files: CSV, XLSX, JSON lines, hostile ones included."""

from innozone.foundation.facts.files.reader import open_table, sniff
from innozone.foundation.facts.files.table import (
    CREDIT_CODE,
    FORMER_NAME,
    NAME,
    PERIOD,
    BadCell,
    Cell,
    Chunk,
    Header,
    Table,
    is_empty,
    locate,
    size_text,
)

__all__ = [
    "CREDIT_CODE",
    "FORMER_NAME",
    "NAME",
    "PERIOD",
    "BadCell",
    "Cell",
    "Chunk",
    "Header",
    "Table",
    "is_empty",
    "locate",
    "open_table",
    "size_text",
    "sniff",
]
