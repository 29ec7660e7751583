"""How an enterprise is told, and what became of pushes, through the API."""

from innozone.foundation.access.models import Role
from innozone.foundation.notices import webhooks
from innozone.foundation.notices.models import Notice, Route

PUBLIC = "https://93.184.216.34/hook"


def test_an_enterprise_sets_how_it_is_told(firm, parties):
    path = f"/enterprises/{parties[0].pk}/routes"
    kept = {route["channel"]: route for route in firm.get(path).data}
    assert {name: route["on"] for name, route in kept.items()} == {"app": True, "mail": True, "webhook": False}
    assert (kept["mail"]["quiet_from"], kept["mail"]["quiet_to"]) == (22, 8)
    got = firm.post(f"{path}/mail", {"digest": "weekly", "weekday": 4, "muted": ["lost"]}).data
    assert (got["digest"], got["weekday"], got["muted"], got["hour"]) == ("weekly", 4, ["lost"], 9)
    # What is left out stays.
    assert firm.post(f"{path}/mail", {"hour": 7}).data["digest"] == "weekly"
    refused = firm.post(f"{path}/app", {"muted": ["objection"]})
    assert (refused.status_code, refused.data["place"]) == (422, "muted")


def test_the_secret_of_a_webhook_is_given_once(firm, parties):
    path = f"/enterprises/{parties[0].pk}"
    made = firm.post(f"{path}/routes/webhook", {"url": PUBLIC}).data
    assert made["secret"] == webhooks.secret_of(Route.objects.get(channel="webhook"))
    assert made["on"]
    again = next(route for route in firm.get(f"{path}/routes").data if route["channel"] == "webhook")
    assert (again["url"], again["secret"]) == (PUBLIC, None)
    other = firm.post(f"{path}/webhook/secret").data["route"]["secret"]
    assert other.startswith("whsec_")
    assert other != made["secret"]


def test_an_address_inside_is_refused(firm, parties):
    path = f"/enterprises/{parties[0].pk}/routes/webhook"
    for url in (
        "http://93.184.216.34/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://[::1]/",
        "x",
    ):
        got = firm.post(path, {"url": url})
        assert (got.status_code, got.data["place"]) == (422, "url"), url
    assert firm.post(path.replace("webhook", "mail"), {"url": PUBLIC}).status_code == 422
    assert firm.post(f"/enterprises/{parties[0].pk}/webhook/test").data["place"] == "url"
    assert not Route.objects.exclude(url="").exists()


def test_routes_of_others_are_not_there(firm, officer, parties, person):
    for who, party in ((firm, parties[1]), (officer, parties[0]), (person(Role.ENTERPRISE, parties[2]), parties[0])):
        assert who.get(f"/enterprises/{party.pk}/routes").status_code == 404
        assert who.post(f"/enterprises/{party.pk}/routes/app", {"muted": ["lost"]}).status_code == 404
        assert who.post(f"/enterprises/{party.pk}/webhook/secret").status_code == 404


def test_staff_see_what_became_of_a_push_and_reach_its_messages(firm, supervisor, parties):
    notice = Notice.objects.filter(party=parties[0], version__rule__code="rd_grant").get()
    firm.post(f"/notices/{notice.pk}/read")
    push = supervisor.get("/pushes/rd").data
    (app,) = push["channels"]
    assert (push["notices"], app["delivered"], app["opened"], app["share_opened"]) == (4, 4, 1, 0.25)
    assert push["seconds_from_force"] >= 0
    assert app["median_seconds"] >= 0
    (row,) = [row for row in supervisor.get("/desks/pushes").data["rows"] if row["url"].endswith("policy=rd")]
    assert (row["cells"]["notices"], row["cells"]["opened"]) == (4, 1)
    listed = supervisor.get("/desks/notices", policy="rd", receipt="read").data
    assert [each["id"] for each in listed["rows"]] == [notice.pk]
    assert firm.get("/pushes/rd").status_code == 403
