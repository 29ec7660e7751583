"""Names of enterprises as linking compares them, and the index of close names."""

from __future__ import annotations

import threading
from typing import Any

from django.db import connection

from innozone.kernel.linkage import Gazetteer, Index, normal_key
from innozone.kernel.terms import CodeList

_lock = threading.Lock()
_kept: tuple[Any, Index[int]] | None = None


def name_key(name: str) -> str:
    """The key of a name: width, blanks, brackets and variants of characters do not count.

    >>> name_key("西安 秦创（沣东）光电科技有限公司") == name_key("西安秦创(沣东)光电科技有限公司")
    True
    """
    return normal_key(name)[:200]


def index_of_names(regions: CodeList | None) -> Index[int]:
    """All enterprises with their present and former names, for close names; kept until a name is added.

    `regions` is the code list by which places in names are told from the rest.
    """
    global _kept
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select coalesce(max(id), 0) from parties_partyname), (select count(*) from parties_party "
            "where kind = 'enterprise' and redirect_id is null)"
        )
        key = (connection.settings_dict["NAME"], *cursor.fetchone(), id(regions))
        with _lock:
            if _kept is not None and _kept[0] == key:
                return _kept[1]
        cursor.execute(
            "select p.id, p.credit_code, p.name, array_remove(array_agg(n.name) filter (where n.kind <> 'current'), null) "
            "from parties_party p left join parties_partyname n on n.party_id = p.id "
            "where p.kind = 'enterprise' and p.redirect_id is null group by p.id order by p.id"
        )
        rows = cursor.fetchall()
    gazetteer = Gazetteer.from_codelist(regions) if regions is not None else Gazetteer()
    ids, codes, names, former = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    made = Index(ids, codes, names, [list(previous or ()) for previous in former], gazetteer=gazetteer)
    with _lock:
        _kept = (key, made)
    return made
