"""S01 秦创原科技企业法人基础信息库.

Accept: load the same enterprise from three sources with one conflicting field: the library shows one record by credit
code, the value by rule of precedence, the other values with source and date, and a conflict entry; a new feed run
changes the record and fires a change event.
"""

import io

import pytest
import xlsxwriter
from django.test import Client
from django.utils import timezone

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.facts import dictionary, intake, packs, signals
from innozone.foundation.facts.models import Fact
from innozone.foundation.parties.models import Party
from innozone.kernel.packs import DatasetContract, load_pack
from tests.foundation.facts.zone import credit_code

pytestmark = pytest.mark.django_db

YEAR = timezone.localdate().year - 1
CODE, NAME = credit_code(1), "西安秦岭微光电科技有限公司"


@pytest.fixture
def pack(settings, tmp_path):
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    dictionary.forget()
    found = load_pack("xixian")
    packs.load(found)
    yield found
    dictionary.forget()


def headers(contract: DatasetContract) -> list[tuple[str, str, str]]:
    """What each column fills, its upper header and its header."""
    subject = contract.subject
    heads = [("code", "", subject.credit_code.column), ("name", "", subject.name.column)]
    if contract.period:
        heads.append(("year", "", contract.period.column))
    taken = {column for _, _, column in heads}
    return heads + [(field.name, field.group, field.column) for field in contract.fields if field.column not in taken]


def csv_file(contract: DatasetContract, **cells: str) -> bytes:
    heads = headers(contract)
    text = ",".join(column for _, _, column in heads) + "\n" + ",".join(cells.get(name, "") for name, _, _ in heads)
    return f"{text}\n".encode(contract.format.encoding)


def workbook(contract: DatasetContract, **cells: object) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet(contract.format.sheet)
    for at, (name, group, column) in enumerate(headers(contract)):
        sheet.write(0, at, group or column)
        sheet.write(1, at, column if group else "")
        sheet.write(2, at, cells.get(name, ""))
    book.close()
    return buffer.getvalue()


def feed(dataset: str, content: bytes, filename: str) -> None:
    delivery = intake.take(intake.receive(dataset, io.BytesIO(content), filename))
    assert (delivery.status, delivery.rows_rejected) == ("taken", 0), (
        delivery.message,
        list(delivery.rejected.values_list("problems", flat=True)),
    )


def test_one_record_from_three_sources(pack, django_capture_on_commit_callbacks):
    register, work, insurance = (pack.datasets[code] for code in ("market_registry", "operations", "social_security"))
    said = {
        "enterprise_name": NAME,
        "entity_type": "有限责任公司",
        "established_on": "2019-03-05",
        "registered_capital": "1200",
        "registration_status": "存续",
        "registration_region": "沣东新城",
    }
    feed("market_registry", csv_file(register, code=CODE, name=NAME, **said), "登记.csv")
    feed(
        "social_security",
        csv_file(insurance, code=CODE.lower(), year=str(YEAR), staff_total="48", insured_staff="45"),
        "参保.csv",
    )
    # The statistics office has no code for it, writes the name another way, and counts other people.
    feed(
        "operations",
        workbook(work, name=NAME.replace("秦岭", "秦岭 "), year=YEAR, revenue=1234.5, staff_total=52),
        "经营.xlsx",
    )

    # One record by credit code.
    party = Party.objects.get(kind="enterprise")
    assert party.credit_code == CODE
    boss = User.objects.create_user("boss", password="x" * 12)
    Membership.objects.create(user=boss, role=Role.ADMINISTRATOR)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/enterprises/", follow=True).content.decode()
    assert page.count(CODE) >= 1
    assert NAME in page

    # The value by rule of precedence, the other with its source and date.
    first = dictionary.current()["staff_total"].precedence[0]
    expected, other = (48, 52) if first == "social_security" else (52, 48)
    fact = Fact.objects.get(party=party, variable="staff_total", year=YEAR)
    assert (fact.number, fact.conflicting) == (expected, True)
    page = client.get(f"/enterprises/{party.pk}/facts/staff_total/{YEAR}/").content.decode()
    for words in (f"{expected}人", f"{other}人", insurance.title.zh, work.title.zh, "参保.csv", "经营.xlsx"):
        assert words in page, words
    assert timezone.localdate().strftime("%Y") in page

    # A conflict entry.
    assert NAME in client.get("/conflicts/").content.decode()
    assert list(Fact.objects.filter(conflicting=True).values_list("variable", flat=True)) == ["staff_total"]

    # A new feed changes the record and fires a change event.
    heard = []

    def listen(party_ids, **_):
        heard.append(party_ids)

    signals.facts_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            feed(
                "social_security",
                csv_file(insurance, code=CODE, year=str(YEAR), staff_total="52", insured_staff="50"),
                "参保2.csv",
            )
    finally:
        signals.facts_changed.disconnect(listen)
    assert heard == [frozenset({party.pk})]
    fact.refresh_from_db()
    assert (fact.number, fact.conflicting, fact.statements) == (52, False, 3)
    assert NAME not in client.get("/conflicts/").content.decode()
