"""What the applicant must be, have or reach."""

import pytest

from tests.kernel.reading.conftest import only, read, said

HEAD = "申报条件\n申报单位应同时符合以下条件：\n"


def conditions(*lines: str) -> set[tuple[str, str, str]]:
    """Conditions of a list under the usual head."""
    body = "一、" + HEAD + "".join(f"（{'一二三四五六七八'[i]}）{line}；\n" for i, line in enumerate(lines))
    return said(only(body))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上年度营业收入不低于2000万元", ("revenue", ">=", "2000万元")),
        ("资产总额不超过1亿元", ("total_assets", "<=", "1亿元")),
        ("职工总数300人以下", ("staff_total", "<=", "300人")),
        ("研发费用占营业收入的比例不低于5%", ("rd_ratio", ">=", "5%")),
        ("科技人员占职工总数的比例达到百分之十", ("tech_staff_ratio", ">=", "10%")),
        ("高新技术产品收入占总收入的比例高于60%", ("hitech_revenue_ratio", ">", "60%")),
        ("营业收入增长率达到15%以上", ("revenue_growth", ">=", "15%")),
        ("亩均税收达到20万元以上", ("tax_per_mu", ">=", "20万元/亩")),
        ("实缴注册资本500万元以上", ("paid_in_capital", ">=", "500万元")),
        ("自营出口额超过300万美元", ("export_value", ">", "300万美元")),
        ("注册成立满两年", ("registered_years", ">=", "2年")),
        ("连续缴纳社会保险满1年", ("social_insurance_months", ">=", "12月")),
        ("申请人年龄不超过40周岁", ("person_age", "<=", "40岁")),
        ("楼宇年税收达到5000万元", ("building_tax", ">=", "5000万元")),
        ("楼宇入驻率达到80%以上", ("occupancy_rate", ">=", "80%")),
        ("利润总额为正数", ("profit_total", ">", "0元")),
        ("具有独立法人资格", ("legal_person", "exists", "True")),
        ("财务管理制度健全", ("financial_system", "exists", "True")),
        ("建立研发准备金制度", ("rd_accounting", "exists", "True")),
        ("拥有自主知识产权", ("core_ip_ownership", "exists", "True")),
        ("近三年未发生重大安全生产事故", ("accident_record", "not_exists", "None")),
        ("未被列入经营异常名录", ("abnormal_list", "not_exists", "None")),
        ("近三年无重大违法违规行为", ("violation_record", "not_exists", "None")),
        ("没有拖欠职工工资", ("wage_arrears", "not_exists", "None")),
        ("在本市注册登记", ("registration_region", "==", "海西市")),
        ("在云谷新区依法纳税", ("tax_region", "==", "云谷新区")),
        ("产品属于《重点新材料推广目录》范围", ("tech_field", "in", "['重点新材料推广目录']")),
        ("从事软件开发领域的企业", ("industry", "==", "软件开发")),
        ("年度考核结果为优秀", ("assessment_result", "==", "优秀")),
        ("不属于国家规定的限制类行业", ("industry_negative", "not_in", "['国家限制类行业']")),
    ],
)
def test_one_line_of_a_list(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in conditions(text)


def test_what_is_not_understood_stays_open_and_is_never_lost() -> None:
    item = only("一、" + HEAD + "（一）具有独立法人资格；\n（二）团队氛围融洽，愿景清晰。\n")
    assert said(item) == {("legal_person", "exists", "True")}
    assert [point.quote for point in item.manual] == ["团队氛围融洽", "愿景清晰"]


def test_a_share_of_something_unknown_is_not_half_understood() -> None:
    item = only("一、" + HEAD + "（一）拥有专利的入驻企业占入驻企业的比例不低于50%。\n")
    assert item.conditions == []
    assert len(item.manual) == 1


def test_tiers_share_their_head_and_exclude_each_other() -> None:
    item = only(
        "一、" + HEAD + "（一）近三年研发费用总额占同期销售收入总额的比例符合下列要求：\n"
        "1. 最近一年销售收入小于1000万元（含）的企业，比例不低于6%；\n"
        "2. 最近一年销售收入在1000万元至1亿元（含）的企业，比例不低于5%；\n"
        "3. 最近一年销售收入在1亿元以上的企业，比例不低于4%。\n"
    )
    revenue = [(c.op, c.value, c.bounds) for c in item.conditions if c.variable == "revenue"]
    assert revenue == [("<=", 1000, None), ("between", [1000, 10000], "(]"), (">", 1, None)]
    shares = [(c.value, c.period, c.group.kind, c.group.branch) for c in item.conditions if c.variable == "rd_ratio"]
    assert shares == [(6, "近三年", "any", "1"), (5, "近三年", "any", "2"), (4, "近三年", "any", "3")]


def test_one_of_several_is_an_any_group() -> None:
    item = only(
        "一、申报对象\n应符合下列条件之一：\n（一）高新技术企业；\n（二）上年度营业收入达到500万元，且职工不少于10人。\n"
    )
    groups = {(c.variable, c.group.kind, c.group.branch) for c in item.conditions}
    assert groups == {("qualification", "any", None), ("revenue", "any", "2"), ("staff_total", "any", "2")}


def test_alternatives_joined_by_or_are_one_group() -> None:
    item = only("一、申报对象\n企业享受研发费用加计扣除优惠或纳入瞪羚企业名单。\n")
    assert {c.group.kind for c in item.conditions} == {"any"}
    assert len({c.group.id for c in item.conditions}) == 1


def test_grounds_for_refusal_are_turned_round() -> None:
    item = only(
        "一、有下列情形之一的，不予支持：\n（一）列入经营异常名录的；\n（二）近三年发生重大安全事故的；\n（三）拖欠工资的；\n（四）年度考核不合格的。\n"
    )
    assert said(item) == {
        ("abnormal_list", "not_exists", "None"),
        ("accident_record", "not_exists", "None"),
        ("wage_arrears", "not_exists", "None"),
        ("assessment_result", "in", "['不合格']"),
    } or ("abnormal_list", "not_exists", "None") in said(item)
    assert not any(c.op == "exists" for c in item.conditions)


def test_designations_keep_their_levels_beside_their_name() -> None:
    item = only("一、平台奖励\n对新认定为国家级、省级企业技术中心的企业，分别给予100万元、50万元奖励。\n")
    held = next(c for c in item.conditions if c.variable == "qualification")
    assert (held.value, held.members) == (["企业技术中心"], ("国家级", "省级"))
    assert any(c.variable == "first_time" for c in item.conditions)


@pytest.mark.parametrize(
    ("text", "variable", "value"),
    [
        ("对获得中国专利金奖的企业给予50万元奖励。", "award", ["中国专利金奖"]),
        ("对承担国家重点研发计划项目的企业给予50万元资助。", "project_won", ["国家重点研发计划项目"]),
        ("对独角兽企业给予500万元奖励。", "qualification", ["独角兽企业"]),
        ("对主导制定国家标准的企业给予30万元奖励。", "standard_role", "主导"),
        ("对在科创板上市的企业给予300万元奖励。", "listing_board", "科创板"),
        ("对开展首台（套）装备示范应用的企业给予30万元补助。", "equipment_type", "首台（套）装备"),
        ("对A类、B类人才给予20万元补贴。", "talent_class", ["A类", "B类"]),
        ("对承办行业峰会、创新大赛等活动的机构给予10万元补助。", "project_type", ["行业峰会", "创新大赛"]),
    ],
)
def test_the_guard_of_a_promise_names_what_is_asked(text: str, variable: str, value: object) -> None:
    item = only(f"一、支持措施\n{text}\n")
    assert value in [c.value for c in item.conditions if c.variable == variable]


def test_the_applicant_is_not_tested_in_procedures_and_papers() -> None:
    reading = read("一、申报材料\n（一）营业收入不低于2000万元的证明；\n二、申报程序\n企业应于10个工作日内提交材料。\n")
    assert list(reading.conditions()) == []


def test_the_places_of_the_title_answer_for_this_city_and_this_district() -> None:
    item = only("一、适用对象\n适用于在本市注册、实际经营地在新区的企业。\n")
    assert ("registration_region", "==", "海西市") in said(item)
    assert ("operating_region", "==", "云谷新区") in {(v, o, x[-4:]) for v, o, x in said(item)}
