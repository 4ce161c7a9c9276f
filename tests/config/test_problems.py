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
