"""The bell: what the portal has told the signed-in person."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from orgchart.queries.notifications import notifications, unread
from orgchart.services.notifications import mark_read

PER_PAGE = 30


def notification_list(request: HttpRequest) -> HttpResponse:
    """Everything one was told, the newest first; ?unread=1 only what is unread."""
    person = request.actor.person
    rows = notifications(person)
    only_unread = request.GET.get("unread") == "1"
    if only_unread:
        rows = rows.filter(read_at__isnull=True)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "only_unread": only_unread, "unread": unread(person)}
    return render(request, "orgchart/notifications.html", context)


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to what it is about."""
    found = get_object_or_404(notifications(request.actor.person), pk=pk)
    mark_read(by=request.actor.person, at=request.now, pk=found.pk)
    return HttpResponseRedirect(found.url or reverse("notifications"))


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    mark_read(by=request.actor.person, at=request.now)
    return HttpResponseRedirect(reverse("notifications"))
