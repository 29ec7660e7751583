"""Whatever is sent to the API, it answers in the form that its schema promises and never fails."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from innozone.foundation.access.models import ApiToken, Membership, Role, User

pytestmark = pytest.mark.django_db(transaction=True)
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture
def key(parties):
    user = User.objects.create_user("tester", password="x" * 12)
    for role in (Role.EDITOR, Role.ADMINISTRATOR):
        Membership.objects.create(user=user, role=role)
    return ApiToken.issue(user, "test")[1]


def test_every_endpoint_keeps_its_promise(key):
    promised = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    tried = 0
    for found in promised.get_all_operations():
        operation = found.ok()

        @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy())
        def keeps_its_promise(case):
            response = case.call(headers={"Authorization": f"Bearer {key}"})
            assert response.status_code < 500, f"{case.method} {case.path}: {response.text}"
            case.validate_response(response, checks=CHECKS)

        keeps_its_promise()
        tried += 1
    assert tried > 25
