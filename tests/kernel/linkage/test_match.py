"""A row is linked by code or by exact name; what is only close waits for a person."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from innozone.kernel.linkage import Gazetteer, Index, NameParser, Row, link, link_all
from tests.kernel.linkage.test_credit_code import made

YUNSHAN, SONGBAI, TWIN_A, TWIN_B = (made(f"91610131MA0{n}B2C3") for n in (1, 2, 3, 4))


@pytest.fixture
def index(gazetteer: Gazetteer) -> Index[str]:
    return Index(
        ["yunshan", "songbai", "twin-a", "twin-b", "nameless-code"],
        [YUNSHAN, SONGBAI, TWIN_A, TWIN_B, None],
        [
            "西安云杉智能科技有限公司",
            "陕西松柏新材料股份有限公司",
            "西安恒泰商贸有限公司",
            "西安恒泰商贸有限公司",
            "西安沧海能源有限公司",
        ],
        [["西安云山软件有限公司"], [], [], [], []],
        gazetteer=gazetteer,
    )


def test_a_valid_code_decides_whatever_the_name(index: Index[str]) -> None:
    told = link(Row(YUNSHAN, "陕西松柏新材料股份有限公司"), index)
    assert (told.party, told.how, told.score) == ("yunshan", "code", 1.0)
    assert "is not like its name" in told.reason


def test_a_code_in_full_width_is_the_same_code(index: Index[str]) -> None:
    assert link(Row(YUNSHAN.lower().replace("9", "９")), index).party == "yunshan"


def test_without_a_code_an_exact_name_decides(index: Index[str]) -> None:
    told = link(Row(None, "西安云杉智能科技（有限公司）"), index)
    assert (told.party, told.how) == ("yunshan", "name")


def test_a_former_name_decides_too(index: Index[str]) -> None:
    assert link(Row(None, "西安云山软件有限公司"), index).how == "former_name"
    told = link(Row(None, "西安云岭智能科技有限公司", "西安云杉智能科技有限公司"), index)
    assert (told.party, told.how) == ("yunshan", "former_name")


def test_a_name_that_two_parties_bear_decides_nothing(index: Index[str]) -> None:
    told = link(Row(None, "西安恒泰商贸有限公司"), index)
    assert (told.party, told.how) == (None, "uncertain")
    assert {candidate.party for candidate in told.candidates} == {"twin-a", "twin-b"}
    assert told.reason == "2 parties bear this name"


def test_a_wrong_code_falls_back_on_the_name_and_says_so(index: Index[str]) -> None:
    wrong = YUNSHAN[:10] + "O" + YUNSHAN[11:]
    told = link(Row(wrong, "西安云杉智能科技有限公司"), index)
    assert (told.party, told.how) == ("yunshan", "name")
    assert "the credit code is wrong (character 11 is O" in told.reason
    assert told.code.suggestion == YUNSHAN


def test_a_wrong_code_alone_only_suggests(index: Index[str]) -> None:
    told = link(Row(YUNSHAN[:10] + "O" + YUNSHAN[11:], "某某单位"), index)
    assert (told.party, told.how) == (None, "uncertain")
    assert told.candidates[0].party == "yunshan"


def test_two_valid_codes_never_share_a_party(index: Index[str]) -> None:
    other = made("91610131MA0X9Y8W")
    told = link(Row(other, "西安云杉智能科技有限公司"), index)
    assert (told.party, told.how) == (None, "uncertain")
    assert "belongs to a party with another code" in told.reason
    assert link(Row(other, "西安无名科技有限公司"), index).how == "none"


def test_a_new_code_may_be_that_of_a_party_known_by_name_only(index: Index[str]) -> None:
    told = link(Row(made("91610131MA0X9Y8W"), "西安沧海能源有限公司"), index)
    assert (told.party, told.how) == ("nameless-code", "name")


@pytest.mark.parametrize(
    "name",
    [
        "西安云衫智能科技有限公司",
        "云杉智能科技有限公司",
        "陕西云杉智能科技有限公司",
        "西安云杉智能有限公司",
        "西安云杉智能科技有公司",
    ],
)
def test_a_close_name_is_kept_for_a_person(index: Index[str], name: str) -> None:
    told = link(Row(None, name), index)
    assert (told.party, told.how) == (None, "uncertain")
    assert told.candidates[0].party == "yunshan"
    assert told.candidates[0].evidence


@pytest.mark.parametrize(
    "name", ["西安云杉智能科技有限公司咸阳分公司", "成都云海智能科技有限公司", "西安松涛智能科技有限公司"]
)
def test_a_branch_or_another_firm_is_no_candidate(index: Index[str], name: str) -> None:
    assert link(Row(None, name), index).how == "none"


def test_a_row_that_says_nothing(index: Index[str]) -> None:
    told = link(Row(), index)
    assert (told.how, told.reason) == ("none", "there is no name to go by")
    assert link(Row(None, "（）"), index).how == "none"


def test_one_code_for_two_parties_is_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(ValueError, match=f"the credit code {YUNSHAN} stands for two parties"):
        Index(["a", "b"], [YUNSHAN, YUNSHAN], ["甲公司", "乙公司"], gazetteer=gazetteer)


def test_columns_of_unequal_length_are_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(ValueError, match="one length"):
        Index(["a"], [None, None], ["甲公司"], gazetteer=gazetteer)


def test_an_empty_index_links_nothing(gazetteer: Gazetteer) -> None:
    assert link(Row(None, "西安云杉智能科技有限公司"), Index([], [], [], gazetteer=gazetteer)).how == "none"


def test_five_thousand_names_with_the_faults_of_real_files(
    shared: Path, gazetteer: Gazetteer, parser: NameParser
) -> None:
    """Real 字号, invented firms: every exact name is linked, nothing is linked wrongly, faults stay in sight."""
    chance = random.Random(7)
    brands = (shared / "oracles" / "linkage" / "brands.txt").read_text(encoding="utf-8").split()
    trades = ["智能科技", "生物医药", "新材料", "电子科技", "信息技术", "机械设备", "环保工程", "能源科技", "软件"]
    names = list(
        dict.fromkeys(
            f"{chance.choice(['西安', '陕西', '咸阳', ''])}{chance.choice(brands)}{chance.choice(trades)}"
            f"{chance.choice(['有限公司', '有限公司', '股份有限公司'])}"
            for _ in range(5000)
        )
    )
    index = Index(range(len(names)), [None] * len(names), names, gazetteer=gazetteer)
    exact = link_all([Row(None, name) for name in names], index)
    keys = {}
    for name in names:
        keys.setdefault(parser.parse(name).key, []).append(name)
    unique = sum(len(bearers) == 1 for bearers in keys.values())
    assert sum(told.how == "name" for told in exact) >= unique
    seen = 0
    for _ in range(400):
        row = chance.randrange(len(names))
        at = chance.randrange(len(names[row]))
        faulty = names[row][:at] + names[row][at + 1 :]
        told = link(Row(None, faulty), index)
        if told.party is not None:
            assert parser.parse(names[told.party]).key == parser.parse(faulty).key
            seen += 1
        else:
            seen += any(candidate.party == row for candidate in told.candidates)
    assert seen / 400 >= 0.95
