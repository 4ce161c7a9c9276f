"""The winners' wall (光荣榜): the awards of a year as tiles, and as Excel."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from competitions import honour_words as words
from competitions.queries import rounds
from competitions.queries.honours import campaigns_won, honours, rounds_won, years_won
from competitions.workbooks.honours import XLSX, honours_workbook
from orgchart.permissions import require


@require("competition.read")
def honours_page(request: HttpRequest) -> HttpResponse:
    """The year's winners of the competition and of campaigns, and who was never awarded."""
    actor = request.actor
    held = rounds(actor.district.pk)
    years = years_won(actor.district, held)
    year = chosen_year(request.GET.get("year", ""), years)
    context: dict[str, Any] = {"years": _years(years, year), "year": year}
    if year is not None:
        months, contests = (
            rounds_won(actor.district, held, year),
            campaigns_won(actor.district, year),
        )
        found = honours(actor.district, held)
        context |= {
            "sentence": words.sentence(year, months, contests),
            "months": [words.tile(each, actor.on) for each in months],
            "campaigns": [words.campaign_tile(each) for each in contests],
            "standing": words.standing(found),
            "never": words.never(found),
        }
    return render(request, "competitions/honours.html", context)


@require("competition.read")
def honours_export(request: HttpRequest) -> FileResponse:
    """The same as Excel: an award a row, and the units."""
    actor = request.actor
    held = rounds(actor.district.pk)
    year = chosen_year(request.GET.get("year", ""), years_won(actor.district, held))
    year = year or actor.on.year
    content = honours_workbook(
        year, rounds_won(actor.district, held, year), campaigns_won(actor.district, year),
        honours(actor.district, held),
    )  # fmt: skip
    name = _("Winners' wall %(year)s") % {"year": year}
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )


def chosen_year(text: str, years: list[int]) -> int | None:
    """Return the year asked for if anything was won in it, else the latest; None before that."""
    asked = int(text) if text.isdecimal() and len(text) == 4 else None
    return asked if asked in years else next(iter(years), None)


def _years(years: list[int], chosen: int | None) -> list[dict[str, Any]]:
    return [
        {
            "label": str(year),
            "url": f"{reverse('honours')}?year={year}",
            "is_active": year == chosen,
        }
        for year in years
    ]
