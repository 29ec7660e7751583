"""Rights follow from memberships alone."""

from __future__ import annotations

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from innozone.foundation.access import gate
from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.facts.models import Dataset, Delivery
from innozone.foundation.parties.models import Party, PartyKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def firms():
    return [Party.objects.create(kind=PartyKind.ENTERPRISE, name=name) for name in ("甲", "乙")]


@pytest.fixture
def offices():
    return [Party.objects.create(kind=PartyKind.DEPARTMENT, name=name, code=name) for name in ("税务局", "科技局")]


@pytest.fixture
def deliveries(offices):
    from django.utils import timezone

    made = []
    for office in offices:
        dataset = Dataset.objects.create(code=office.name, title=office.name, owner=office, contract={})
        made.append(
            Delivery.objects.create(
                dataset=dataset, filename="a", path="a", sha256=office.name, size=1, received_at=timezone.now()
            )
        )
    return made


def person(role: str | None = None, party: Party | None = None) -> User:
    user = User.objects.create_user(f"u{User.objects.count()}")
    if role:
        Membership.objects.create(user=user, role=role, party=party)
    return user


def test_an_enterprise_member_sees_only_the_own_enterprise(firms):
    user = person(Role.ENTERPRISE, firms[0])
    assert gate.allows(user, "parties.view_party", firms[0])
    assert not gate.allows(user, "parties.view_party", firms[1])
    assert list(gate.scope(user, "parties.view_party", Party.objects.all())) == [firms[0]]
    assert gate.enterprises(user) == [firms[0]]


def test_an_officer_sees_deliveries_of_the_own_department_a_supervisor_all(offices, deliveries):
    officer = person(Role.OFFICER, offices[0])
    assert gate.allows(officer, "facts.view_delivery", deliveries[0])
    assert not gate.allows(officer, "facts.view_delivery", deliveries[1])
    assert list(gate.scope(officer, "facts.view_delivery", Delivery.objects.all())) == [deliveries[0]]
    supervisor = person(Role.SUPERVISOR)
    assert gate.scope(supervisor, "facts.view_delivery", Delivery.objects.all()).count() == 2
    # Reading is not delivering.
    assert not gate.allows(supervisor, "facts.add_delivery", deliveries[0].dataset)


def test_object_and_list_ask_the_same_rule(firms, offices, deliveries):
    users = [AnonymousUser(), person(), *(person(role) for role in ("editor", "supervisor", "administrator"))]
    users += [person(Role.ENTERPRISE, firms[0]), person(Role.OFFICER, offices[1])]
    for user in users:
        for right, rows in (
            ("parties.view_party", Party.objects.filter(kind="enterprise")),
            ("facts.view_delivery", Delivery.objects.select_related("dataset")),
            ("facts.add_delivery", Dataset.objects.all()),
        ):
            one_by_one = {row.pk for row in rows if gate.allows(user, right, row)}
            assert {row.pk for row in gate.scope(user, right, rows)} == one_by_one, (user, right)


def test_the_superuser_flag_and_groups_give_nothing(firms):
    user = User.objects.create_superuser("root", password="x" * 12)
    assert not gate.allows(user, "access.change_membership")
    assert not gate.allows(user, "parties.view_party", firms[0])


def test_a_closed_account_has_no_role(firms):
    user = person(Role.ADMINISTRATOR)
    user.is_active = False
    assert gate.roles(user) == frozenset()
    assert not gate.allows(user, "access.change_membership")


def test_an_unknown_right_is_an_error_and_never_a_yes():
    with pytest.raises(KeyError, match=r"no such right: facts\.view_deliverie"):
        gate.allows(person(Role.ADMINISTRATOR), "facts.view_deliverie")


def test_require_refuses(firms):
    with pytest.raises(PermissionDenied):
        gate.require(AnonymousUser(), "parties.view_party", firms[0])


def test_memberships_are_read_once(firms, django_assert_num_queries):
    user = person(Role.ENTERPRISE, firms[0])
    with django_assert_num_queries(1):
        for right in ("parties.view_party", "facts.add_objection", "notices.view_notice"):
            gate.allows(user, right, firms[0])


def test_every_right_has_a_rule_and_visitors_have_few():
    visitor = AnonymousUser()
    given = {name for name in rules.permissions.permissions if rules.has_perm(name, visitor, None)}
    assert given == {"policies.view_policy", "policies.view_consultation"}
