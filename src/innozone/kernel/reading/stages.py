"""Grades and stages: results of assessments, classes of builders, steps on the way to the stock market."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import split_list
from innozone.kernel.reading.hits import Hit, listed

_GRADE = r"优秀|合格|良好|优良|优(?=、|良)|[A-D]\+?类|[A-D]级|[A-D]\+?(?=[^a-zA-Z]|$)|通过|不合格|未完成等级"
_ASSESS = re.compile(
    r"(?P<when>(?:[一二三四五\d]年后|年度|绩效|综合|周期|期满)?)(?:考核|考评|评价|评估|复评|绩效评价)(?:结果|评价)?(?:中)?(?:等级|等次)?(?:获评|被评|评)?"
    rf"(?P<no>不能为|不得为|不为|非)?(?:为|达到?|在)?[“]?(?P<grade>{_GRADE})(?:[^，；。、和或]{{0,6}}(?P<more>(?:[、和或]“?(?:{_GRADE})(?:（[^）]*）)?”?)+))?[”]?(?:等级|等次|以上|及以上)?"
    r"|(?P<passed>通过(?:年度|绩效|期满)?(?:复评|考核|评估|复审|年审|年检))|经(?P<after>年度|绩效)?考核(?P<ok>合格|后|通过)"
)
_BUILDER = re.compile(
    r"(?P<branch>施工总承包|总承包|专业承包|勘察|设计|监理)[^，；。]{0,8}?(?:资质)?[^，；。]{0,8}?(?P<grades>(?:特|一|二|三|甲|乙)级(?:(?:资质)?[、和或](?:特|一|二|三|甲|乙)级)*)"
    r"|(?P<grades2>(?:特|一|二|甲)级(?:[、和或](?:特|一|二|甲)级)*)(?P<branch2>施工总承包|总承包|专业承包|建筑业?|资质)|(?P<beyond>(?:特|一|二|甲)级)企业以外"
)
_BRANCH = r"施工总承包|总承包|专业承包|勘察|设计|监理"
_RISEN = re.compile(
    r"由[特一二三甲乙]级(?:资质)?(?:升|晋升|晋级)(?:为|至|到)(?P<grades>[特一二三甲乙]级(?:[、和或][特一二三甲乙]级)*)"
)
_BOARD = re.compile(
    r"主板|中小板|创业板|科创板|北交所|北京证券交易所|新三板|“新三板”|(?P<abroad>境外)(?P<note>（[^）]*）)?(?:各)?(?P<main>主要)?(?P<market>资本市场|证券市场|上市)|香港联交所|港交所|沪深北?(?:证券)?交易所|上交所|深交所|上海证券交易所|深圳证券交易所|全国中小企业股份转让系统|全国股转系统|区域性?股权(?:交易)?(?:市场|中心)|四板|精选层|创新层"
)
_STAGES: tuple[tuple[str, str], ...] = (
    (r"辅导[^，；。]{0,4}验收", "辅导验收"),
    (r"辅导备案|辅导登记", "辅导备案"),
    (
        r"(?:IPO|上市申请|申请|申报|首发)[^，；。]{0,6}材料[^，；。]{0,6}受理|首次公开发行[^，；。]{0,8}申请[^，；。]{0,14}受理|(?:上市)(?:申请|材料)[^，；。]{0,6}受理|(?:证监会|交易所)[^，；。]{0,6}受理",
        "IPO材料受理",
    ),
    (r"发审委?会?[^，；。]{0,6}通过|过会", "发审会通过"),
    (r"股票[^，；。]{0,4}上市|成功上市|完成上市|首发上市|实现上市", "股票上市"),
    (r"启动上市", "启动上市"),
    (r"股份制?改(?:造|制)|股改", "股改"),
    (r"(?:上市企业|上市公司|已上市)", "已上市"),
    (r"挂牌", "挂牌"),
)
# Steps that are told as such only where the sentence speaks of a listing.
_STEP = re.compile(
    r"(?:申请|申报|发行)?材料[^，；。]{0,6}受理|(?:获|得到|取得)[^，；。]{0,8}(?:受理|注册|核准)|(?:证监会|交易所)[^，；。]{0,6}受理|辅导|注册生效"
)
_MARKET = re.compile(
    r"首次公开发行|股份转让系统|创新层|精选层|上市|挂牌|IPO|股改|股份制|发审|辅导|新三板|过会|资本市场"
)
_NO_MARKET = re.compile(
    r"数据产品|数据交易所|(?:知识产权|技术|产权|成果)交易|上市服务|上市后备|首次市场|产品上市|未上市|培育[^，；。]{0,10}上市|拟[^，；。]{0,12}上市"
)


def assessments(text: str) -> list[Hit]:
    """年度考核合格, 评价结果为D类."""
    found = _ASSESS.search(text)
    if not found or re.search(r"(?:应|须)?达到(?:相应|规定)", found[0]):
        return []
    value = (
        found["grade"]
        or found["passed"]
        or f"{found['after'] or ''}考核{'通过' if found['ok'] == '后' else found['ok']}"
    )
    if found["grade"] and re.match(r"[一二三四五\d]年后", found["when"] or ""):
        value = f"{found['when']}考核{value}"
    if value in {"不合格", "未完成等级"} and re.search(r"摘牌|整改|取消|撤销|退出|收回|追回", text[found.end() :]):
        return []
    if found["no"] or value in {"不合格", "未完成等级"}:
        return [Hit("assessment_result", "not_in", [value], *found.span())]
    if found["more"]:
        values = [value, *re.findall(_GRADE, re.sub(r"（[^）]*）", "", found["more"]))]
        if values[-1].endswith("类"):
            values = [name if name.endswith("类") else f"{name}类" for name in values]
        return [Hit("assessment_result", "in", values, *found.span())]
    return [Hit("assessment_result", "==", value, *found.span())]


def grades(text: str, context: str = "") -> list[Hit]:
    """Classes of building firms; `context` is what the sentence said before."""
    risen = _RISEN.search(text)
    branch = re.findall(_BRANCH, context[-60:] + (text[: risen.start()] if risen else ""))
    if risen and branch:
        values = [f"{branch[-1]}{grade}" for grade in split_list(risen["grades"])]
        return [listed("construction_grade", values, *risen.span())]
    found = _BUILDER.search(text)
    if not found:
        return []
    if found["beyond"]:
        return [Hit("construction_grade", "not_in", [found["beyond"]], *found.span())]
    named = (found["grades"] or found["grades2"]).replace("资质", "")
    trade = (found["branch"] or found["branch2"] or "").replace("资质", "")
    values = [f"{trade}{grade}" for grade in split_list(named)]
    if re.search(r"以外|除外", text):
        return [Hit("construction_grade", "not_in", values, *found.span())]
    return [listed("construction_grade", values, *found.span(), single="in" if "晋升" in text else "==")]


def listing(text: str, context: str = "") -> list[Hit]:
    """Boards and stages of a listing; `context` is what the sentence said before."""
    on_the_way = bool(_MARKET.search(context)) and bool(_STEP.search(text))
    if not (_MARKET.search(text) or on_the_way) or _NO_MARKET.search(text):
        return []
    boards = list(_BOARD.finditer(text))
    board = boards[0] if boards else None
    rebuilt = re.search(r"股份制?改(?:造|制)|股改", text)
    if board and re.search(r"上市|挂牌|进入|调入|晋升|转入|转板", text):
        if board["abroad"]:
            return [
                Hit(
                    "listing_board",
                    "in",
                    [f"境外{board['main'] or ''}{board['market'].replace('上市', '资本市场')}{board['note'] or ''}"],
                    *board.span(),
                )
            ]
        names = list(dict.fromkeys(match[0].strip("“”") for match in boards))
        steps = [Hit("listing_stage", "==", "股改", *rebuilt.span())] if rebuilt else []
        return [listed("listing_board", names, board.start(), boards[-1].end(), single="=="), *steps]
    several = re.search(r"(?:股改|上市|挂牌)(?:、|或|和)?(?:上市|挂牌)(?:、|或|和)?(?:挂牌)?", text)
    if several:
        return [Hit("listing_stage", "in", re.findall(r"股改|上市|挂牌", several[0]), *several.span())]
    for pattern, stage in _STAGES:
        found = re.search(pattern, text)
        if found:
            return [Hit("listing_stage", "==", stage, *found.span())]
    return []
