"""Goal 5: the leaderboard of 35 units, beside a bare page of its rows and a bare 304."""

from collections import defaultdict

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from bench import district
from bench.measure import Row, Work, medians
from kpi.models import Score, ScoreLine
from kpi.services.scoring import rescore
from targets.months import month_text

ROUNDS = 31
PAGE = """<!doctype html><title>bench</title><table>{% for score, lines in rows %}<tr>
<td>{{ score.rank }}</td><td>{{ score.unit.name }}</td><td>{{ score.total }}</td>
<td>{{ score.base }}</td><td>{{ score.bonus }}</td><td>{{ score.pending }}</td>
{% for line in lines %}<td>{{ line.points }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def bare_page(request: HttpRequest) -> HttpResponse:
    """Show the units' scores and items in a plain table."""
    chosen = {"month": district.MONTH, "unit__district": request.actor.district}
    lines = defaultdict(list)
    for line in ScoreLine.objects.filter(**chosen):
        lines[line.unit_id].append(line)
    scores = Score.objects.filter(**chosen).select_related("unit")
    rows = [(score, lines[score.unit_id]) for score in scores]
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"rows": rows}, request))


def bare_304(request: HttpRequest) -> HttpResponse:
    """Answer that nothing has changed, without looking."""
    return HttpResponseNotModified()


def board(chosen: district.District, fewer: district.District) -> list[Row]:
    """Time the refreshing part of the leaderboard; `fewer` is a district with six units."""
    for one in (chosen, fewer):
        rescore(district_id=one.root.pk, month=district.MONTH)
    with override_settings(ROOT_URLCONF="bench.urls", SECURE_SSL_REDIRECT=False):
        url = reverse("leaderboard_board", kwargs={"month": month_text(district.MONTH)})
        client, other = Client(headers={"host": "127.0.0.1"}), Client(headers={"host": "127.0.0.1"})
        client.force_login(chosen.head)
        other.force_login(fewer.head)
        tag = client.get(url)["ETag"]

        def get(path: str, status: int, **headers: str) -> None:
            response = client.get(path, headers=headers)
            if response.status_code != status:
                raise RuntimeError(f"{path} answered {response.status_code}, not {status}")

        full, bare, unchanged, nothing = medians(
            [
                Work(lambda: get(url, 200)),
                Work(lambda: get("/bench/page/", 200)),
                Work(lambda: get(url, 304, if_none_match=tag)),
                Work(lambda: get("/bench/304/", 304)),
            ],
            ROUNDS,
        )
        counts = []
        for reader in (client, other):
            with CaptureQueriesContext(connection) as asked:
                reader.get(url)
            counts.append(len(asked))
    return [
        Row("leaderboard of 35 units: bare page", full, bare, 2),
        Row("leaderboard unchanged: bare 304", unchanged, nothing, 2),
        Row("leaderboard of 35 units: statements at 6 units", counts[0], counts[1], 1, "stmts"),
    ]
