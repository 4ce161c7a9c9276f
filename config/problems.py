"""Errors of the API as application/problem+json (RFC 9457)."""

from json import JSONDecodeError
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from orgchart.errors import DomainError, Fault

PROBLEM = "application/problem+json"


def problem(
    status: int, title: str, detail: str, faults: list[Fault] | None = None, **extra: Any
) -> Response:
    """Return a problem document; `faults` become `errors` with a JSON pointer each."""
    body = _document(status, title, detail)
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "detail": str(fault.detail)} for fault in faults
        ]
    return Response(body | extra, status=status, content_type=PROBLEM)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that no route knows: a page, under /api/ a problem document."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return _unrouted(404, _("Not found"), _("There is nothing here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that no view was asked about, likewise."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return _unrouted(
        400,
        _("This cannot be read"),
        _(
            "It holds a character that cannot be stored, or too much. Nothing was saved: go back"
            " and write it anew."
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure of ours, likewise."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return _unrouted(
        500,
        _("This failed on our side"),
        _("Nothing was saved. Try again; if it stays, tell the administrator the time."),
    )


def _unrouted(status: int, title: str, detail: str) -> HttpResponse:
    return JsonResponse(_document(status, title, detail), status=status, content_type=PROBLEM)


def _document(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: domain errors, field errors and refusals in one shape."""
    if isinstance(error, DomainError):
        return problem(
            error.status, str(error.title), str(error.detail), list(error.faults), **error.extra
        )
    if isinstance(error, ValidationError):
        return problem(400, _("Not accepted"), " ".join(error.messages))
    if isinstance(error, PermissionDenied):
        return problem(403, _("Not permitted"), str(error) or _("Your post does not allow this."))
    if isinstance(error, Http404):
        return problem(404, _("Not found"), _("There is nothing here."))
    if isinstance(error, exceptions.ValidationError):
        faults = list(_located(error.detail, ""))
        detail = " ".join(dict.fromkeys(str(fault.detail) for fault in faults))
        return problem(400, _("Not accepted"), detail, faults)
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        return_headers = {
            name: response[name]
            for name in ("Retry-After", "WWW-Authenticate", "Allow")
            if response.has_header(name)
        }
        title, detail = _generic(error, context)
        response = problem(error.status_code, title, detail)
        for name, value in return_headers.items():
            response[name] = value
    return response


def _generic(error: exceptions.APIException, context: dict[str, Any]) -> tuple[str, str]:
    """Return title and sentence of what the framework refuses, saying what to do instead."""
    title, detail = str(error.default_detail), str(error.detail)
    if isinstance(error.__context__, JSONDecodeError):
        place = {"line": error.__context__.lineno, "column": error.__context__.colno}
        return title, _("This is not JSON. Look at line %(line)s, column %(column)s.") % place
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = [name for name in context["view"].allowed_methods if name != "OPTIONS"]
        return detail, _("Use one of: %(methods)s.") % {"methods": ", ".join(allowed)}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return detail, _("Sign in, or send the header Authorization: Token … from /api/v1/token/.")
    return detail if "{" in title else title, detail


def _located(detail: Any, pointer: str) -> Any:
    """Walk DRF's nested error detail and yield a fault per message."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _located(
                inner, pointer if name == "non_field_errors" else f"{pointer}/{name}"
            )
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _located(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield Fault(pointer or "/", str(detail))
