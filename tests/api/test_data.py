"""Deliveries, datasets, objections, messages, figures through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from innozone.foundation import jobs
from innozone.foundation.facts.models import Delivery, Objection
from innozone.foundation.notices.models import Notice
from tests import zone

pytestmark = pytest.mark.django_db
ROWS = (
    "统一社会信用代码,企业名称,年度,营业收入(万元),研发费用(万元)\n"
    f",甲科技有限公司,{zone.YEAR},2000,300\n"
    f",无此公司,{zone.YEAR},1,1\n"
    f",甲科技有限公司,{zone.YEAR},abc,1\n"
)


def upload(text=ROWS, name="accounts.csv"):
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def test_a_file_is_delivered_taken_in_and_its_bad_rows_told(officer, parties):
    made = officer.send("/deliveries?dataset=finance", file=upload())
    assert made.status_code == 201
    assert made.data["status"] == "received"
    jobs.run_pending()
    state = officer.get(f"/deliveries/{made.data['id']}").data
    assert (state["status"], state["rows"]) == ("taken", 3)
    assert state["taken"] + state["rejected"] + state["unlinked"] == 3
    rows = officer.get(f"/deliveries/{made.data['id']}/rejected").data
    assert {row["row"] for row in rows["items"]} == {3, 4}
    assert all(row["problems"][0]["message"] for row in rows["items"])
    assert officer.get("/deliveries").data["total"] == 1


def test_what_cannot_be_taken_is_refused_with_a_cure(officer, parties):
    assert officer.send("/deliveries?dataset=finance", file=upload("")).status_code == 422
    assert officer.send("/deliveries?dataset=none", file=upload()).status_code == 404
    assert officer.send("/deliveries?dataset=finance").status_code == 422
    first = officer.send("/deliveries?dataset=finance", file=upload())
    again = officer.send("/deliveries?dataset=finance", file=upload())
    assert (first.status_code, again.status_code) == (201, 422)
    assert again.data["message"]


def test_only_the_department_in_charge_delivers(firm, editor, parties):
    assert firm.send("/deliveries?dataset=finance", file=upload()).status_code == 403
    assert editor.send("/deliveries?dataset=finance", file=upload()).status_code == 403
    assert Delivery.objects.count() == 0
    assert firm.get("/deliveries").status_code == 403


def test_the_dictionary_and_the_contracts(firm, visitor, parties):
    known = firm.get("/dictionary").data
    assert {"code": "revenue", "label": "营业收入", "label_en": "Revenue", "type": "money", "unit": "元",
            "period": "year", "category": "", "codelist": None, "formula": None,
            "classification": "internal"} in known["variables"]  # fmt: skip
    regions = firm.get("/codelists/regions", limit=2).data
    assert (regions["total"], len(regions["items"])) == (4, 2)
    assert [each["code"] for each in firm.get("/datasets").data] == ["finance", "rights"]
    assert firm.get("/datasets/finance").data["owner"] == "税务局"
    assert firm.get("/datasets/none").status_code == 404
    assert visitor.get("/dictionary").status_code == 401


def test_an_enterprise_objects_to_a_fact_and_the_answer_comes_as_a_message(firm, supervisor, person, parties):
    body = {
        "enterprise": parties[0].pk,
        "variable": "revenue",
        "year": zone.YEAR,
        "claimed": "1200万元",
        "reason": "年报有误",
    }
    made = firm.post("/objections", body)
    assert made.status_code == 201
    assert firm.get("/objections").data["items"][0]["claimed"] == "1200万元"
    assert firm.post("/objections", body).status_code == 422
    assert firm.post("/objections", body | {"enterprise": parties[1].pk}).status_code == 404
    assert firm.post(f"/objections/{made.data['id']}/decide", {"accept": True}).status_code == 403
    administrator = person("administrator")
    decided = administrator.post(f"/objections/{made.data['id']}/decide", {"accept": True, "answer": "已更正"})
    assert decided.data["status"] == "accepted"
    assert administrator.post(f"/objections/{made.data['id']}/decide", {"accept": True}).status_code == 422
    assert Objection.objects.get().decided_by == administrator.user
    notice = firm.get("/notices").data["items"][0]
    assert (notice["kind"], notice["read_at"]) == ("objection", None)


def test_messages_are_read_by_those_who_speak_for_the_enterprise(firm, supervisor, person, parties):
    found = firm.get("/notices", unread=True).data
    assert found["total"] == 3
    assert "R&D grant" in " ".join(notice["subject"] for notice in found["items"])
    first = found["items"][0]["id"]
    assert supervisor.post(f"/notices/{first}/read").status_code == 403
    assert person("enterprise", parties[1]).post(f"/notices/{first}/read").status_code == 404
    assert firm.post(f"/notices/{first}/read").data["read_at"]
    assert firm.get("/notices", unread=True).data["total"] == 2
    assert Notice.objects.get(pk=first).read_by == firm.user


def test_the_cockpit_is_for_staff_and_its_figures_open_to_lists(firm, supervisor, parties):
    assert firm.get("/cockpit/figures").status_code == 403
    figures = {figure["code"]: figure for figure in supervisor.get("/cockpit/figures").data}
    assert figures["enterprises"]["value"] == 4
    assert figures["entitled"]["value"] == 3
    assert figures["benefits"]["value"] == 100000
    assert [(part["code"], part["value"]) for part in figures["enterprises_by_region"]["parts"]] == [
        ("east", 2),
        ("west", 1),
    ]
    part = figures["enterprises_by_region"]["parts"][0]
    assert supervisor.client.get(part["link"], **supervisor.headers).json()["total"] == 2
    targets = {figure["code"]: figure for figure in supervisor.get("/cockpit/targets").data}
    assert (targets["T1"]["value"], targets["T1"]["target"]) == (1, 10)
    assert targets["T2"]["value"] == pytest.approx(100 * 140 / 2001, abs=1e-4)
    assert targets["T3"]["value"] is None


def test_every_list_of_the_portal_is_served(supervisor, firm, parties):
    names = {desk["name"] for desk in supervisor.get("/desks").data}
    assert {"enterprises", "deliveries", "objections", "conflicts", "policies"} <= names
    for name in names:
        assert supervisor.get(f"/desks/{name}").status_code == 200, name
    assert supervisor.get("/desks/enterprises", title="tech_sme").data["total"] == 1
    assert supervisor.get("/desks/enterprises", sort="nonsense").status_code == 422
    assert supervisor.get("/desks/none").status_code == 404
    assert firm.get("/desks/enterprises").status_code == 403
