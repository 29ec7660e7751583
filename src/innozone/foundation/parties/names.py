"""Names of organisations as linking compares them."""

from __future__ import annotations

import re
import unicodedata

_SILENT = re.compile(r"[\s\-—·•.,，。、'\"“”‘’()（）\[\]【】<>《》&]+")


def name_key(name: str) -> str:
    """The folded name: width, case, blanks, brackets and points do not count.

    >>> name_key("西安 秦创（沣东）光电科技有限公司") == name_key("西安秦创(沣东)光电科技有限公司")
    True
    """
    return _SILENT.sub("", unicodedata.normalize("NFKC", name).casefold())[:200]
