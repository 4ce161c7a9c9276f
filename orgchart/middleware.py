"""Every request knows its actor; roles are read anew, so a change binds on the next request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from orgchart.actors import actor_of, business_day


class ActorMiddleware:
    """Set `request.actor` (lazy) and `request.now`, the one instant of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        request.now = now
        request.actor = SimpleLazyObject(lambda: actor_of(request.user, on=business_day(now)))
        return self.get_response(request)
