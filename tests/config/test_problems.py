"""Addresses that no route knows and failures of ours: pages for people, documents for programs."""

import pytest
from django.test import Client


def test_an_unknown_address_of_the_api_is_a_problem_document(client: Client) -> None:
    answer = client.get("/api/v1/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_an_unknown_page_is_a_page(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("language", "method", "body", "status", "detail"),
    [
        ("en", "post", "{bad", 400, "This is not JSON. Look at line 1, column 2."),
        ("zh-hans", "post", '{"a":\n 1 2}', 400, "这不是 JSON：看第 2 行第 4 列。"),
        (
            "en",
            "post",
            '{"username": "\\ud800"}',
            400,
            "A text holds half a character (\\ud800 to \\udfff): send the whole one.",
        ),
        ("en", "post", "[" * 100_000, 400, "The JSON is nested too deeply."),
        ("zh-hans", "post", "{}", 400, "该字段是必填项。"),  # of both, once
        ("en", "delete", "", 405, "Use one of: POST."),
        ("zh-hans", "delete", "", 405, "可用的方法：POST。"),
    ],
)
def test_what_the_framework_refuses_says_what_to_do(
    client: Client, language: str, method: str, body: str, status: int, detail: str, db: None
) -> None:
    send = getattr(client, method)
    answer = send("/api/v1/token/", body, "application/json", headers={"Accept-Language": language})
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_nul_is_refused_in_an_address_and_in_a_form_before_any_view(client: Client) -> None:
    form = "application/x-www-form-urlencoded"
    for path, body in (
        ("/?unit=%00", None),
        ("/api/v1/claims/?unit=a%00b", None),
        ("/accounts/login/", "username=%00"),
        ("/accounts/login/", "username=\0"),
    ):
        answer = client.get(path) if body is None else client.post(path, body, form)
        assert answer.status_code == 400
        said = answer.json()["title"] if path.startswith("/api/") else answer.content.decode()
        assert "无法读取" in said


@pytest.mark.parametrize("token", ["", "Token nonsense"])
def test_who_is_not_signed_in_is_told_how(client: Client, token: str, db: None) -> None:
    headers = {"Accept-Language": "en"} | ({"Authorization": token} if token else {})
    answer = client.get("/api/v1/months/", headers=headers)
    assert (answer.status_code, "/api/v1/token/" in answer.json()["detail"]) == (401, True)


def test_a_failure_of_ours_is_a_problem_document_that_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("config.tokens.SignInView.post", fail)
    client.raise_request_exception = False
    answer = client.post("/api/v1/token/", {"username": "head", "password": "demo"})
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.content.decode()
