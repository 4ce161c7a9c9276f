"""One key, one effect: kept per user, bound to its body, freed by a refusal."""

from typing import Any

import pytest
from django.urls import path
from django.views.generic import RedirectView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from orgchart import audit
from orgchart.errors import Locked
from orgchart.idempotency import idempotent
from orgchart.models import AuditEntry, IdempotencyRecord
from tests.district import NOW, District


class NoteView(APIView):
    """Writes a row each time it really runs; refuses on demand."""

    @idempotent
    def post(self, request: Request) -> Response:
        person = request.user.person
        audit.record(
            by=person, at=NOW, action="note", subject="note", district=person.district, changes=[]
        )
        if request.data.get("refuse"):
            raise Locked("the month is closed")
        return Response({"count": AuditEntry.objects.filter(action="note").count()}, status=201)


urlpatterns = [
    path("note/", NoteView.as_view()),
    path("login/", RedirectView.as_view(), name="login"),
]

pytestmark = pytest.mark.urls(__name__)


def call(district: District, who: str, body: Any, key: str = "k1") -> Any:
    client = APIClient()
    client.force_authenticate(district.people[who].user)
    client.force_login(district.people[who].user)
    headers = {"Idempotency-Key": key} if key else {}
    response = client.post("/note/", body, format="json", headers=headers)
    return response.status_code, response.json()


def test_the_same_call_is_answered_again_and_done_once(district: District) -> None:
    assert [call(district, "clerk", {"a": 1}) for _ in range(2)] == [(201, {"count": 1})] * 2
    assert AuditEntry.objects.filter(action="note").count() == 1


def test_the_same_key_with_another_body_is_refused(district: District) -> None:
    call(district, "clerk", {"a": 1})
    status, problem = call(district, "clerk", {"a": 2})
    assert (status, problem["status"]) == (422, 422)
    assert AuditEntry.objects.filter(action="note").count() == 1


def test_the_same_key_of_another_user_is_another_key(district: District) -> None:
    assert call(district, "clerk", {"a": 1}) == (201, {"count": 1})
    assert call(district, "head", {"a": 1}) == (201, {"count": 2})


def test_a_refused_call_frees_its_key_and_leaves_nothing(district: District) -> None:
    assert call(district, "clerk", {"refuse": True})[0] == 409
    assert not IdempotencyRecord.objects.exists()
    assert not AuditEntry.objects.filter(action="note").exists()
    assert call(district, "clerk", {"a": 1}) == (201, {"count": 1})


def test_without_a_key_each_call_counts(district: District) -> None:
    assert [call(district, "clerk", {}, key="")[1]["count"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("key", ["k" * 101, "a\x00b"])
def test_an_impossible_key_is_refused(district: District, key: str) -> None:
    assert call(district, "clerk", {}, key=key)[0] == 400
