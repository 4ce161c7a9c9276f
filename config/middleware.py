"""What no request may bring, whichever view it is for."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

_FORM = "application/x-www-form-urlencoded"


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse the character NUL in addresses and forms: PostgreSQL stores no text with one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        if request.content_type == _FORM and (b"%00" in request.body or b"\0" in request.body):
            raise BadRequest("NUL in a form")
        return get_response(request)

    return middleware
