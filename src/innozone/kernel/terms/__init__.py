"""Terms: the data dictionary every rule, form, file and page speaks: variables, code lists, units, periods."""

from innozone.kernel.terms.codes import Code, CodeList
from innozone.kernel.terms.dictionary import Aggregate, Dictionary, Label, RecordType, Variable
from innozone.kernel.terms.effort import DEFAULT_EFFORT, Effort
from innozone.kernel.terms.units import UNITS, CellError, Unit, format_number, parse_number
from innozone.kernel.terms.values import UNKNOWN, Unknown, Value, parse_value

__all__ = [
    "DEFAULT_EFFORT",
    "UNITS",
    "UNKNOWN",
    "Aggregate",
    "CellError",
    "Code",
    "CodeList",
    "Dictionary",
    "Effort",
    "Label",
    "RecordType",
    "Unit",
    "Unknown",
    "Value",
    "Variable",
    "format_number",
    "parse_number",
    "parse_value",
]
