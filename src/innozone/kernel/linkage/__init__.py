"""Linkage: who a row speaks of. Credit codes checked and mended, company names taken apart and compared, rows linked."""

from innozone.kernel.linkage.credit_code import CreditCode, check_credit_code, fold_code, is_valid
from innozone.kernel.linkage.match import CLOSE, Candidate, Index, LinkResult, Row, link, link_all
from innozone.kernel.linkage.names import (
    Gazetteer,
    NameParser,
    NameParts,
    Similarity,
    compare,
    fold,
    normal_key,
)

__all__ = [
    "CLOSE",
    "Candidate",
    "CreditCode",
    "Gazetteer",
    "Index",
    "LinkResult",
    "NameParser",
    "NameParts",
    "Row",
    "Similarity",
    "check_credit_code",
    "compare",
    "fold",
    "fold_code",
    "is_valid",
    "link",
    "link_all",
    "normal_key",
]
