"""Whatever the text: reading never fails, and every quote is the text's own."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innozone.kernel.reading import draft_policy, read_text
from innozone.kernel.reading.fold import fold
from innozone.kernel.reading.quantities import scan, series
from innozone.kernel.terms import Dictionary

PIECES = st.sampled_from(
    [
        *(
            "第一条",
            "一、",
            "（一）",
            "(2)",
            "1.",
            "①",
            "\n",
            "\n\n",
            "　",
            " ",
            "：",
            "；",
            "，",
            "。",
            "、",
            "（",
            "）",
            "《",
            "》",
            "“",
            "”",
        ),
        *(
            "申报条件",
            "应符合下列条件之一：",
            "有下列情形之一的，不予支持：",
            "适用对象",
            "其中，",
            "上述企业",
            "所称",
            "申报材料",
            "附则",
        ),
        *(
            "对高新技术企业",
            "瞪羚企业",
            "首次认定为国家级、省级",
            "获得",
            "通过",
            "列入",
            "未",
            "不得",
            "经营异常名录",
            "且",
            "或者",
            "等",
        ),
        *(
            "上年度",
            "近三年",
            "营业收入",
            "研发费用占",
            "比例",
            "职工",
            "注册满",
            "一年",
            "在本市",
            "海西市",
            "新区",
            "纳税",
        ),
        *(
            "不低于",
            "超过",
            "以上",
            "以下",
            "（含）",
            "至",
            "—",
            "分别",
            "最高",
            "按",
            "给予",
            "奖励",
            "补助",
            "减半征收",
            "1:1",
            "全额",
        ),
        *(
            "5%",
            "百分之三",
            "2,000万元",
            "２亿元",
            "50万",
            "10人",
            "3",
            "2024年1月1日",
            "6月30日",
            "0.5",
            "99999999999999999999万元",
            "每",
            "/平方米·月",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)
EMPTY = Dictionary({}, {})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_is_read_and_every_quote_equals_its_span(text: str) -> None:
    reading = read_text(text)
    data = reading.to_gold()
    json.dumps(data, ensure_ascii=False)
    assert reading.body == text
    for item in reading.items:
        assert 0 <= item.span[0] < item.span[1] <= len(text)
        for part in [*item.conditions, *item.benefits, *item.manual]:
            assert part.quote
            assert text[slice(*part.span)] == part.quote
    assert len(reading.gist) <= 120


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_any_reading_gives_a_draft(text: str) -> None:
    for item in draft_policy(read_text(text), EMPTY)["items"]:
        assert item["conditions"]["all"]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.origin)
    assert list(folded.origin) == sorted(set(folded.origin))
    for found in (q for group in series(folded.text, scan(folded.text)) for q in group):
        assert 0 <= found.outer[0] <= found.start < found.end <= found.outer[1] <= len(folded)
