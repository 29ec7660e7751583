"""Gist, key words, tags, papers, last days."""

import re

from tests.kernel.reading.conftest import read

TEXT = """海西市支持孵化器发展若干措施
为支持科技企业孵化器发展，制定本措施。
一、支持措施
（一）运营补助。对经认定的科技企业孵化器，按年度运营支出的20%给予补助，最高50万元。
（二）孵化奖励。科技企业孵化器每培育一家高新技术企业，奖励5万元。
（三）场地补助。科技企业孵化器内的初创企业租赁办公场地，按租金的50%给予补助，每年最高3万元。
二、申报材料
（一）孵化器运营补助申请表；
（二）营业执照复印件（加盖公章）。
三、申报时间
申报截止时间为2026年9月30日。
海西市科学技术局
2026年6月1日
"""


def test_the_gist_is_short_and_taken_from_the_text() -> None:
    reading = read(TEXT, None or "")
    assert 0 < len(reading.gist) <= 120
    for part in re.split("[。；]", reading.gist.rstrip("…。")):
        assert part in "".join(TEXT.split())
    assert all(len(item.gist) <= 120 for item in reading.items)


def test_key_words_recur_in_the_text() -> None:
    words = read(TEXT).keywords
    assert any("孵化器" in word for word in words)
    assert all(TEXT.count(word) >= 3 for word in words)


def test_tags_come_from_the_dictionary_of_tags() -> None:
    tags = read(TEXT).tags
    assert "平台载体" in tags["object"]
    assert tags["support"][0] == "补贴"


def test_papers_last_day_and_office_reach_every_item() -> None:
    for item in read(TEXT).items:
        assert item.materials == ["孵化器运营补助申请表", "营业执照复印件"]
        assert item.deadline is not None
        assert item.deadline["value"] == "2026-09-30"
        assert item.department is not None
        assert item.department["value"] == "海西市科学技术局"


def test_the_gist_says_who_gets_what_in_whole_clauses() -> None:
    reading = read(TEXT)
    assert reading.gist.startswith("对经认定的科技企业孵化器，按年度运营支出的20%给予补助，最高50万元")
    assert reading.gist.endswith("。")
    long = "对" + "新认定的" * 8 + "高新技术企业" + "、瞪羚企业" * 20 + "，给予奖励20万元"
    cut = read(f"一、奖励\n1.{long}。\n").gist
    assert len(cut) <= 120
    assert long.startswith(cut.rstrip("…"))
    # It ends behind a whole name.
    assert cut.rstrip("…").endswith("企业")


def test_the_gist_of_a_rule_of_recognition_is_what_it_asks() -> None:
    text = "第一条 申请企业应当具备下列条件：\n（一）上年度营业收入1000万元以上；\n（二）职工总数50人以上。\n"
    assert read(text).gist == "上年度营业收入1000万元以上；职工总数50人以上。"
