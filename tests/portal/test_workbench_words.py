"""What the workbench says of a faulty condition is said in the language of the page."""

import pytest

from tests.portal.people import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "expression", "words"),
    [
        ("zh-hans", "revenue[-1] ≥ 3", "“≥”不是规则语言的写法"),
        ("zh-hans", "no_such_figure > 1", "没有指标 no_such_figure"),
        ("en", "revenue[-1] ≥ 3", "“≥” is not part of the language"),
        ("en", "no_such_figure > 1", "there is no variable no_such_figure"),
    ],
)
def test_a_faulty_leaf_is_told_in_the_language_of_the_page(place, language, expression, words):
    editor = client_of(place.users, "editor", language)
    answer = editor.post("/workbench/check/?leaf=a", {"a-kind": "test", "a-text": expression})
    assert answer.status_code == 200
    assert words in answer.content.decode()
