"""Definition cards (口径卡): what each figure means, where it comes from, who owns it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orgchart.permissions import require
from targets.queries.indicators import cards


@require_GET
@require("rules.read")
def indicators(request: HttpRequest) -> HttpResponse:
    """List the cards."""
    return render(request, "targets/indicators.html", {"cards": cards(request.actor.district)})


@require_GET
@require("rules.read")
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show one card and the indicators that are made from it."""
    known = cards(request.actor.district)
    card = next((card for card in known if card.indicator.code == code), None)
    if card is None:
        raise Http404
    users = [other.indicator for other in known if card.indicator in other.sources]
    return render(request, "targets/indicator.html", {"card": card, "users": users})
