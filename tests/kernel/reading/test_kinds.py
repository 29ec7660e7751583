"""Sentences of the kinds that policies are made of, in our own words: what each asks of the applicant, what it gives."""

import pytest

from innozone.kernel.reading import Reading
from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.terms import Dictionary
from tests.kernel.reading.conftest import read

# sentence, what it asks (variable, operator, value with unit), what it gives (kind, figure)
CASES = (
    ("对新晋升施工总承包特级资质的企业，一次性奖励200万元。", {("construction_grade", "in", "['施工总承包特级']")}, {("奖励", 200)}),
    ("年产值达到20亿元以上且增长率不低于10%的企业，奖励20万元。", {("revenue", ">=", "20亿元"), ("revenue_growth", ">=", "10%")}, {("奖励", 20)}),
    ("楼宇入驻率达到80%以上、税收属地率不低于70%的，最高补助50万元。", {("occupancy_rate", ">=", "80%"), ("local_tax_rate", ">=", "70%")}, {("补贴", 50)}),
    ("年自营出口额达到500万美元以上的企业，奖励20万元。", {("export_value", ">=", "500万美元")}, {("奖励", 20)}),
    ("组织10家以上企业参展的，每次给予5万元补助。", {("group_size", ">=", "10家")}, {("补贴", 5)}),
    ("境外中方投资额超过1000万美元的企业，奖励30万元。", {("outbound_investment", ">", "1000万美元")}, {("奖励", 30)}),
    ("残疾职工占在职职工总数的比例不低于25%的企业，补贴3万元。", {("disabled_staff_ratio", ">=", "25%")}, {("补贴", 3)}),
    ("吸纳就业困难人员10人以上的基地，奖励10万元。", {("jobs_created", ">=", "10人")}, {("奖励", 10)}),
    ("融资担保责任余额达到净资产5倍以上的机构，补助200万元。", {("guarantee_multiple", ">=", "5倍")}, {("补贴", 200)}),
    ("获得股权投资1000万元以上的企业，按投资额的3%给予奖励。", {("equity_received", ">=", "1000万元")}, {("奖励", 0.03)}),
    ("基金实收资本不低于2亿元的，奖励500万元。", {("fund_size", ">=", "2亿元")}, {("奖励", 500)}),
    ("港澳青年员工占比达到30%以上的企业，补贴5万元。", {("hk_macao_youth_ratio", ">=", "30%")}, {("补贴", 5)}),
    ("集中连片种植面积100亩以上的蔬菜基地，补助10万元。", {("planting_area", ">=", "100亩")}, {("补贴", 10)}),
    ("渔船长度24米以上且主机功率200千瓦以上的，补助20万元。", {("vessel_length", ">=", "24米"), ("engine_power", ">=", "200千瓦")}, {("补贴", 20)}),
    ("养殖经营主体年销售总收入500万元以上的，奖励3万元。", {("farm_income", ">=", "500万元")}, {("奖励", 3)}),
    ("新开业且客房15间以上的民宿，补助10万元。", {("bed_count", ">=", "15间")}, {("补贴", 10)}),
    ("年度上云费用2万元以上的企业，补助10万元。", {("cloud_spend", ">=", "2万元")}, {("补贴", 10)}),
    ("固定资产投资额1亿元以上、亩均投资强度不低于400万元/亩的，补助2000万元。", {("fixed_asset_investment", ">=", "1亿元"), ("investment_per_mu", ">=", "400万元/亩")}, {("补贴", 2000)}),
    ("年度服务企业50家以上的，补贴30万元。", {("service_clients", ">=", "50家")}, {("补贴", 30)}),
    ("在境内主板、科创板、创业板、北交所成功上市的企业，奖励300万元。", {("listing_board", "in", "['主板', '科创板', '创业板', '北交所']")}, {("奖励", 300)}),
    ("获得国家科学技术进步奖一等奖、二等奖的，分别奖励200万元、100万元。", {("award", "in", "['国家科学技术进步奖一等奖', '国家科学技术进步奖二等奖']")}, {("奖励", 200), ("奖励", 100)}),
    ("获批省级重点实验室、工程技术研究中心的，奖励50万元。", {("qualification", "in", "['省级重点实验室', '省级工程技术研究中心']")}, {("奖励", 50)}),
    ("年度综合贡献1000万元以上的总部企业，奖励100万元。", {("local_contribution", ">=", "1000万元"), ("enterprise_kind", "in", "['总部企业']")}, {("奖励", 100)}),
    ("毕业5年内的高校毕业生，给予创业补贴1万元。", {("graduate_years", "<=", "5年"), ("person_type", "in", "['高校毕业生']")}, {("补贴", 1)}),
    ("个人申请的，年龄不超过60周岁，没有其他贷款，贷款额度最高20万元。", {("person_age", "<=", "60岁"), ("other_loan", "not_exists", "None")}, {("授信", 20)}),
    ("上年度营业收入5000万元以下的科技型中小企业可以申领创新券，每家企业每年不超过20万元。", {("revenue", "<=", "5000万元"), ("qualification", "in", "['科技型中小企业']")}, {("补贴", 20)}),
    ("签订劳动合同并缴纳社会保险费的企业，补贴2万元。", {("social_insurance_paid", "exists", "True")}, {("补贴", 2)}),
    ("对新引进的A、B、C类人才，分别给予100万元、50万元、20万元补贴。", {("talent_class", "in", "['A类', 'B类', 'C类']")}, {("补贴", 100), ("补贴", 50), ("补贴", 20)}),
    ("完成大模型备案、登记手续的，奖励30万元。", {("project_result", "==", "大模型备案、登记")}, {("奖励", 30)}),
    ("对提供高质量语料库的主体，最高补贴50万元。", {("project_type", "==", "高质量语料库")}, {("补贴", 50)}),
    ("对成功引荐入选A、B、C类人才的中介机构或个人，分别给予奖励60万元、30万元、10万元。", {("talent_class", "in", "['A类', 'B类', 'C类']")}, {("奖励", 60), ("奖励", 30), ("奖励", 10)}),
    ("对入选国家级领军人才（A类）、省级领军人才（B类）的，分别给予最高200万元、100万元奖励。", {("talent_class", "in", "['A类', 'B类']")}, {("奖励", 200), ("奖励", 100)}),
    ("在海西市南湖区注册并纳税的企业，奖励10万元。", {("registration_region", "==", "南湖区"), ("tax_region", "==", "南湖区")}, {("奖励", 10)}),
    ("营业收入1亿元以上5亿元以下的企业，奖励20万元。", {("revenue", "between", "[1, 5]亿元")}, {("奖励", 20)}),
    ("登记失业人员、退役军人自主创业的，可申请最高30万元的创业担保贷款。", {("person_type", "in", "['登记失业人员', '退役军人']")}, {("授信", 30)}),
    ("小微企业当年新招用符合条件人员占现有职工比例达到15%以上的，可申请最高300万元的创业担保贷款。", {("target_hire_ratio", ">=", "15%"), ("enterprise_scale", "==", "小微企业")}, {("授信", 300)}),
    ("对新引进的全职博士，每月给予2000元生活补贴。", {("person_education", "in", "['博士']")}, {("补贴", 2000)}),
    ("对连续两年营业收入增长率不低于20%的瞪羚企业，给予50万元奖励。", {("revenue_growth", ">=", "20%"), ("qualification", "in", "['瞪羚企业']")}, {("奖励", 50)}),
    ("揭榜挂帅项目按技术合同实际支付额的30%给予补助，最高500万元。", {("project_type", "==", "揭榜挂帅项目")}, {("补贴", 0.3)}),
    ("对租赁自用办公用房500平方米以上的企业，按实际租金的50%给予补贴，每年不超过50万元。", {("leased_area", ">=", "500平方米")}, {("补贴", 0.5)}),
    ("对参加境外展会的企业，每个展位补助2万元，每家企业每年不超过10万元。", {("project_type", "==", "境外展会")}, {("补贴", 2)}),
    ("对实际到位外资1000万美元以上的外商投资企业，给予100万元奖励。", {("foreign_capital", ">=", "1000万美元"), ("enterprise_kind", "in", "['外商投资企业']")}, {("奖励", 100)}),
    ("对流转土地200亩以上的家庭农场，每亩补助200元。", {("planting_area", ">=", "200亩")}, {("补贴", 200)}),
    ("对优惠20%以上销售给本地企业的产品，按差价给予补贴，最高100万元。", {("sales_price_discount", ">=", "20%")}, {("补贴", 100)}),
    ("产值首次突破１０亿元（含）的企业，奖励五十万元。", {("revenue", ">=", "10亿元")}, {("奖励", 50)}),
    ("具有3年以上境外工作经历的留学人员，给予10万元补贴。", {("overseas_experience_years", ">=", "3年"), ("person_type", "in", "['留学人员']")}, {("补贴", 10)}),
    ("实缴注册资本不低于1000万元且注册成立不满5年的企业，补贴20万元。", {("paid_in_capital", ">=", "1000万元"), ("registered_years", "<", "5年")}, {("补贴", 20)}),
    ("采购使用首版次软件、首台（套）装备的企业，给予50万元补助。", {("equipment_type", "in", "['首版次软件', '首台（套）装备']")}, {("补贴", 50)}),
    ("购买或租用算力用于模型训练的，给予最高100万元补贴。", {("project_type", "in", "['购买算力', '租用算力']")}, {("补贴", 100)}),
    ("获得国家、市级授牌的，最高可给予500万元的奖励。", {("qualification_level", "in", "['国家级', '市级']")}, {("奖励", 500)}),
    ("对主导制定国际标准、国家标准的企业，分别给予100万元、50万元奖励。", {("standard_role", "==", "主导")}, {("奖励", 100), ("奖励", 50)}),
)  # fmt: skip


def asked(reading: Reading) -> set[tuple[str, str, str]]:
    return {(c.variable, c.op, f"{c.value}{c.unit or ''}") for c in reading.conditions()}


def given(reading: Reading) -> set[tuple[str, float]]:
    found = set()
    for benefit in (each for item in reading.items for each in item.benefits):
        for part in benefit.formula.get("tiers") or [benefit.formula]:
            figure = part.get("rate") or part.get("amount") or part.get("cap")
            found.add((benefit.kind, float(figure)))
    return found


@pytest.mark.parametrize(("sentence", "conditions", "gifts"), CASES, ids=[case[0][:14] for case in CASES])
def test_a_sentence_asks_and_gives(sentence: str, conditions: set, gifts: set) -> None:
    reading = read(f"一、支持措施\n1.{sentence}\n")
    # 首次 and 新 are told beside; here it matters what they are said of.
    assert {c for c in asked(reading) if c[0] not in ("first_time", "industry", "entity_type")} == conditions
    assert given(reading) == gifts


@pytest.mark.parametrize(
    "words",
    [
        "须在政务平台上注册账号，填写申报书并上传材料。",
        "通过高企认定申请的，由推荐单位审核。",
        "审核通过后激活企业账号。",
        "对符合第二条规定的企业，按程序办理。",
    ],
)
def test_words_of_procedure_ask_nothing_of_the_applicant(words: str) -> None:
    assert asked(read(f"一、申报流程\n1.{words}\n")) == set()


def test_lists_run_on_in_a_line_are_kept_apart() -> None:
    reading = read(
        "第一条 符合下列条件之一的，可以直接认定：1.拥有自主知识产权的；2.高新技术企业且上年度研发费用5000万元以上的。\n"
        "第二条 有下列情形之一的，不予认定：（一）被列入经营异常名录的；（二）环境信用评价为红牌的。\n"
    )
    assert asked(reading) == {
        ("core_ip_ownership", "exists", "True"),
        ("qualification", "in", "['高新技术企业']"),
        ("rd_expense", ">=", "5000万元"),
        ("abnormal_list", "not_exists", "None"),
        ("env_credit_red", "not_exists", "None"),
    }
    groups = {c.variable: c.group.kind for c in reading.conditions()}
    assert (groups["core_ip_ownership"], groups["abnormal_list"]) == ("any", "all")


@pytest.mark.parametrize(("head", "n"), [("中的任意两项", 2), ("中至少3项", 3), ("任意一项", None), ("", None)])
def test_so_many_of_a_list(head: str, n: int | None, dictionary: Dictionary) -> None:
    text = f"第一条 申请企业应当具备下列条件{head}：\n（一）上年度营业收入1000万元以上；\n（二）职工总数50人以上；\n（三）具有独立法人资格；\n（四）注册成立满3年。\n第二条 对符合第一条规定的企业，奖励10万元。\n"
    reading = read(text)
    kinds = {c.group.kind for c in reading.conditions()}
    assert kinds == ({"n_of"} if n else {"any"} if head else {"all"})
    assert {c.group.n for c in reading.conditions()} == {n}
    conditions = draft_policy(reading, dictionary)["items"][0]["conditions"]["all"]
    if n:
        assert conditions[0]["at_least"]["n"] == n
        assert conditions[0]["at_least"]["of"][0]["test"] == "revenue[-1] >= 1000万"
        assert len(conditions[0]["at_least"]["of"]) == 4
    elif head:
        assert len(conditions[0]["any"]) == 4
    else:
        assert len(conditions) == 4


@pytest.mark.parametrize(
    ("sentence", "scope"),
    [
        ("同一企业符合多项政策的，按照就高不重复原则执行", "firm"),
        ("本政策与其他政策有重复的，从高不重复享受", "firm"),
        ("同一项目只能享受一次补助", "thing"),
    ],
)
def test_what_may_not_be_had_together(sentence: str, scope: str, dictionary: Dictionary) -> None:
    text = f"第一条 对新认定的高新技术企业，奖励20万元。\n第二条 对上年度营业收入1亿元以上的企业，奖励50万元。\n第三条 {sentence}。\n"
    reading = read(text)
    assert [(each.quote, each.scope) for each in reading.stacked] == [(sentence, scope)]
    items = draft_policy(reading, dictionary)["items"]
    groups = [item.get("stacking", {}).get("groups", []) for item in items]
    if scope == "firm":
        assert [(group["most"], group["quote"]) for (group,) in groups] == [(1, sentence)] * 2
        assert len({group["code"] for (group,) in groups}) == 1
    else:
        assert groups == [[], []]


def test_days_and_office_go_with_the_item(dictionary: Dictionary) -> None:
    text = "第一条 对新认定的高新技术企业，奖励20万元。申报时间为2026年3月1日至4月15日，由区科技局受理。\n第二条 对上年度营业收入1亿元以上的企业，奖励50万元，于2026年9月30日前向区科技局提出申请。\n"
    first, second = draft_policy(read(text), dictionary)["items"]
    assert first["window"] == {"opens": "2026-03-01", "closes": "2026-04-15"}
    assert (second["window"]["closes"], second["office"]) == ("2026-09-30", "区科技局")


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("国家税务总局关于税收优惠的公告", "national"),
        ("海西省支持创新若干措施", "province"),
        ("海西市支持创新若干措施", "city"),
        ("示范区支持创新若干措施", "zone"),
    ],
)
def test_whose_paper_it_is(title: str, level: str, dictionary: Dictionary) -> None:
    reading = read("第一条 对新认定的高新技术企业，奖励20万元。\n", title)
    assert draft_policy(reading, dictionary)["level"] == level


@pytest.mark.parametrize(
    ("sentence", "conditions"),
    [
        ("营业收入2000万元（不含）以下的企业，不予奖励。", {("revenue", ">=", "2000万元")}),
        (
            "已经购买本区配套商品房，或累计租赁人才公寓满3年的，不能再申请人才公寓。",
            {("housing_benefit", "not_exists", "None")},
        ),
        ("房地产、贸易型企业均不享受本意见政策。", {("industry_negative", "not_in", "['房地产', '贸易']")}),
        (
            "本意见所称企业为注册地和财政收入均在南湖区的企业，房地产、贸易型企业均不享受本意见政策。",
            {
                ("registration_region", "==", "南湖区"),
                ("tax_region", "==", "南湖区"),
                ("industry_negative", "not_in", "['房地产', '贸易']"),
            },
        ),
    ],
)
def test_who_is_left_out(sentence: str, conditions: set[tuple[str, str, str]]) -> None:
    assert asked(read(f"一、其他规定\n1.{sentence}\n")) == conditions


def test_a_figure_that_nobody_understood_stays_with_a_person() -> None:
    reading = read("一、支持措施\n1.对公共会议室20间以上、孵化面积5000平方米以上的孵化器，给予50万元补助。\n")
    (item,) = reading.items
    assert [(c.variable, c.value) for c in item.conditions] == [("area_size", 5000)]
    assert [m.quote for m in item.manual] == ["对公共会议室20间以上、孵化面积5000平方米以上的孵化器"]


def test_a_share_beside_tiers_is_kept() -> None:
    reading = read(
        "一、支持措施\n1.对引进A类、B类人才的企业，按实际研发投入1:1比例分别给予最高1000万元、500万元奖励。\n"
    )
    (benefit,) = reading.items[0].benefits
    assert benefit.formula["rate"] == 1.0
    assert [tier["cap"] for tier in benefit.formula["tiers"]] == [1000, 500]


def test_the_word_of_giving_decides_the_kind_not_the_base_of_a_share() -> None:
    reading = read("一、支持措施\n1.对行业中试基地，最高可按建设总投入经费的50%，给予不超过500万元的资金奖励。\n")
    assert [benefit.kind for benefit in reading.items[0].benefits] == ["奖励"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("除房地产企业以外的各类企业，年营业收入5000万元以上的，奖励5万元。", ("industry_negative", "not_in", "['房地产']")),
        ("对在创业大赛中获得一、二、三等奖的企业，分别奖励30万元、20万元、10万元。", ("award", "in", "['一等奖', '二等奖', '三等奖']")),
        ("对获得中国专利金奖、银奖的企业，分别奖励100万元、50万元。", ("award", "in", "['中国专利金奖', '中国专利银奖']")),
        ("对通过知识产权管理体系贯标认证的企业，奖励5万元。", ("qualification", "in", "['知识产权管理体系贯标']")),
        ("对获得A轮融资1000万元以上的企业，奖励20万元。", ("equity_received", ">=", "1000万元")),
        ("企业缴纳社会保险人数10人以上的，奖励2万元。", ("staff_total", ">=", "10人")),
        ("平均研发费用占比不低于百分之五的企业，奖励10万元。", ("rd_ratio", ">=", "5%")),
    ],
)  # fmt: skip
def test_a_sentence_asks(sentence: str, expected: tuple[str, str, str]) -> None:
    assert expected in asked(read(f"一、支持措施\n1.{sentence}\n"))


def test_a_share_of_others_is_not_the_share_named_before() -> None:
    reading = read("一、支持措施\n1.研发人员占职工总数的10%以上，其中硕士以上人员占比不低于30%的，给予10万元奖励。\n")
    assert ("tech_staff_ratio", ">=", "10%") in asked(reading)
    assert ("tech_staff_ratio", ">=", "30%") not in asked(reading)
    assert any("硕士" in m.quote for m in reading.items[0].manual)


def test_a_bound_without_a_known_measure_is_no_activity() -> None:
    reading = read("一、支持措施\n1.年处理订单不低于10万单的企业，奖励10万元。\n")
    assert asked(reading) == set()
    assert [m.quote for m in reading.items[0].manual] == ["年处理订单不低于10万单的企业"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("未取得高新技术企业证书的企业，不予支持。", ("qualification", "in", "['高新技术企业证书']")),
        ("申请人应为女性、年龄在50周岁以下的就业困难人员。", ("person_gender", "==", "女性")),
        ("对通过高新技术企业重新认定的，奖励10万元。", ("qualification", "in", "['高新技术企业']")),
    ],
)
def test_denials_genders_and_renewals(sentence: str, expected: tuple[str, str, str]) -> None:
    found = asked(read(f"一、支持措施\n1.{sentence}\n"))
    assert expected in found
    assert "first_time" not in {variable for variable, _, _ in found}


def test_a_grade_that_nobody_knows_is_left_to_a_person() -> None:
    reading = read("一、支持措施\n1.企业上一年度纳税信用等级为A级的，奖励1万元。\n")
    assert asked(reading) == set()
    assert [m.quote for m in reading.items[0].manual] == ["企业上一年度纳税信用等级为A级的"]


def test_refused_for_this_or_that_means_free_of_both() -> None:
    reading = read("一、其他规定\n1.被列入经营异常名录或者存在重大安全事故的企业，不予支持。\n")
    assert {(c.variable, c.op, c.group.kind) for c in reading.conditions()} == {
        ("abnormal_list", "not_exists", "all"),
        ("accident_record", "not_exists", "all"),
    }
